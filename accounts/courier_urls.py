"""Addresses of couriers."""

from django.urls import path

from accounts import courier_views

app_name = "courier"
urlpatterns = [
    path("", courier_views.home, name="home"),
    path("apply/", courier_views.apply, name="apply"),
]
