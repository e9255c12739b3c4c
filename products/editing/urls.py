"""URLs of the admin views of products, under /admin/products/."""

from django.urls import path

from products.editing import views as admin_views
from products.editing import without_page_views as without_page

app_name = "products_admin"
urlpatterns = [
    path("add/", admin_views.quick_add_product, name="quick-add"),
    path("without-page/", without_page.show_without_page, name="without-page"),
    path("without-page/<int:product_id>/restore/", without_page.restore_product, name="restore-product"),
    path("without-page/articles/<int:sku_id>/free/", without_page.free_sku, name="free-article"),
    path("notices/<int:revision_id>/dismiss/", admin_views.dismiss, name="dismiss-notice"),
    path("<int:page_id>/variants/", admin_views.variants, name="variants"),
]
