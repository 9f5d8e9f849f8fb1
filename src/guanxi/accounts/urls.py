"""Routes of the people who work here."""

from django.urls import path

from guanxi.accounts import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("time-zone/", views.time_zone, name="time-zone"),
]
