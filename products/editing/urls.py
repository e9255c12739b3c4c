"""Addresses of the admin views of products, under /admin/products/."""

from django.urls import path

from products.editing import views as admin_views

app_name = "products_admin"
urlpatterns = [
    path("add/", admin_views.quick_add_product, name="quick-add"),
    path("<int:page_id>/variants/", admin_views.variants, name="variants"),
]
