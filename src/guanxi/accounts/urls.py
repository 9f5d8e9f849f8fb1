"""Routes of the people who work here."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from guanxi.accounts import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("preferences/", views.preferences, name="preferences"),
    path("language/", login_not_required(set_language), name="language"),
]
