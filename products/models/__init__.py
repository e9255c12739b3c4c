"""Pages that editors curate and the plain rows that commerce runs on."""

from products.models.attribute import Attribute, AttributeValue
from products.models.category import CataloguePage, CategoryPage, ProductIndexPage
from products.models.kept_page import KeptPage
from products.models.page import (
    ProductAllergen,
    ProductAttribute,
    ProductCategory,
    ProductImage,
    ProductPage,
)
from products.models.price import Price
from products.models.product import Product
from products.models.sku import Sku, SkuOption
from products.models.sku_event import SkuEvent
from products.models.supplier import Supplier
from products.models.tax import TaxClass, TaxRate

__all__ = [
    "Attribute",
    "AttributeValue",
    "CataloguePage",
    "CategoryPage",
    "KeptPage",
    "Price",
    "Product",
    "ProductAllergen",
    "ProductAttribute",
    "ProductCategory",
    "ProductImage",
    "ProductIndexPage",
    "ProductPage",
    "Sku",
    "SkuEvent",
    "SkuOption",
    "Supplier",
    "TaxClass",
    "TaxRate",
]
