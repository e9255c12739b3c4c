"""What of products, categories, stock and pictures stands on public pages; when prices and tax rates begin.

Of stock the bands, never the pieces. The watches of its levels are here: stock knows SKUs by their ids only.
"""

import datetime as dt

from django.db.models import Min
from django.utils import timezone

from common.page_changes.watches import FACETS, HORIZON, LINKS, MEMBERS, TITLES, Watch, planned, watch
from products.models import Price, TaxRate

OF_ROW = "'p' || {row}.product_id"
OF_SKU = "(SELECT 'p' || s.product_id FROM products_sku s WHERE s.id = {row}.sku_id)"
OF_PAGE = "(SELECT 'p' || own.product_id FROM products_productpage own WHERE own.page_ptr_id = {row}.page_id)"
# A row of the pages' own table belongs to a product or stands, as a category or a text, on every page.
OF_ANY_PAGE = (
    "COALESCE((SELECT 'p' || own.product_id FROM products_productpage own WHERE own.page_ptr_id = {row}.id), 'all')"
)
LISTS = (f"'{MEMBERS}'", f"'{FACETS}'")
SEEN_COLUMNS = (
    "path", "live", "title", "slug", "url_path", "alias_of_id", "locale_id", "seo_title", "search_description",
    "show_in_menus", "last_published_at",
)  # fmt: skip

watch(
    Watch("products.Product", ("'p' || {row}.id",), ("from_price", "best_band", "popularity", "tax_class_id")),
    Watch("products.Product", (f"'{MEMBERS}'",), ("popularity",)),
    Watch("products.Product", (f"'{FACETS}'",), ("from_price",)),
    Watch("products.Product", (f"'{MEMBERS}'",), ("from_price",), when="{row}.from_price IS NULL"),
    Watch("products.Product", LISTS, ("best_band",), when="{row}.best_band = 0"),
    Watch(
        "products.Sku",
        (OF_ROW, f"'{FACETS}'"),
        (
            "product_id", "code", "unit", "step", "min_quantity", "max_quantity", "net_amount", "net_unit", "barcode",
            "supplier_id", "is_active", "sort_order",
        ),
    ),
    Watch("products.SkuOption", (OF_SKU, f"'{FACETS}'")),
    Watch("products.Price", (OF_SKU,), ("sku_id", "amount", "starts_at")),
    Watch("stock.StockLevel", (OF_SKU,), ("shop_id", "sku_id", "band")),
    Watch("stock.StockLevel", (f"'{FACETS}'",), ("shop_id", "sku_id")),
    # Lists leave out what a shop has sold out; whether it has few or many makes no difference to them.
    Watch("stock.StockLevel", LISTS, ("band",), when="{row}.band = 0"),
    Watch("products.ProductPage", (OF_ROW,)),
    Watch("products.ProductPage", LISTS, ("product_id",)),
    Watch("wagtailcore.Page", (OF_ANY_PAGE,), SEEN_COLUMNS, when="{row}.live"),
    # Texts of any page may link to any other.
    Watch("wagtailcore.Page", (f"'{LINKS}'",), ("live", "slug", "url_path", "locale_id"), when="{row}.live"),
    Watch("wagtailcore.Page", (f"'{TITLES}'",), ("title",), when="{row}.live"),
    Watch("wagtailcore.Page", LISTS, ("path", "live", "alias_of_id", "locale_id"), when="{row}.live"),
    Watch("products.ProductImage", (OF_PAGE,)),
    Watch("products.ProductCategory", (OF_PAGE, *LISTS)),
    Watch("products.ProductAttribute", (OF_PAGE, f"'{FACETS}'")),
    Watch("products.ProductAllergen", (OF_PAGE, f"'{FACETS}'")),
    Watch("products.CataloguePage"),
    Watch("products.CategoryPage"),
    Watch("products.ProductIndexPage"),
    Watch("products.Attribute"),
    Watch("products.AttributeValue"),
    Watch("products.TaxRate"),
    Watch("products.Supplier"),
    # A new picture is on no page yet.
    Watch("common.Picture", ("'i' || {row}.id",), events=("UPDATE", "DELETE")),
    Watch("common.PictureRendition", ("'i' || {row}.image_id",)),
)  # fmt: skip


@planned
def next_price(at: dt.datetime) -> dt.datetime | None:
    """Return when the next price comes into force."""
    return Price.objects.filter(starts_at__gt=at, starts_at__lte=at + HORIZON).aggregate(first=Min("starts_at"))[
        "first"
    ]


@planned
def next_tax_rate(at: dt.datetime) -> dt.datetime | None:
    """Return when the next tax rate begins: at midnight of the site's time zone."""
    zone = timezone.get_default_timezone()
    day = TaxRate.objects.filter(since__gt=timezone.localdate(at, zone)).aggregate(first=Min("since"))["first"]
    return dt.datetime.combine(day, dt.time(), zone) if day else None
