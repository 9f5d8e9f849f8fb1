"""Routes of the people who work here."""

from django.urls import path

from guanxi.accounts import choices, views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("lists/<slug:list_name>/views/", choices.views, name="list-views"),
    path("lists/<slug:list_name>/columns/", choices.columns, name="list-columns"),
    path("lists/views/<int:view_id>/", choices.view, name="list-view"),
    path("lists/views/<int:view_id>/deletion/", choices.view_deletion, name="list-view-deletion"),
    path("lists/views/<int:view_id>/return/", choices.view_return, name="list-view-return"),
    path("time-zone/", views.time_zone, name="time-zone"),
]
