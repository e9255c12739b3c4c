"""Addresses for gateways' notices, under /payments/."""

from django.urls import path

from orders import views

urlpatterns = [path("<slug:gateway>/webhook/", views.webhook, name="payment-webhook")]
