"""The address in an order's QR code."""

from django.urls import path

from staff.views import scan

urlpatterns = [path("c/<str:secret>/", scan.collect, name="collect")]
