"""The lock that every writer of products, SKUs and prices takes: the Product's row, several by ascending key.

It covers the product's SKUs: nobody writes one without it. Stock comes after it. FOR NO KEY UPDATE: an insert of a
row that refers to the product or a SKU, such as a buyer's order, does not wait for it.
"""

from collections.abc import Iterable

from products.models import Product, Sku

CHUNK = 1000


def lock_products(product_ids: Iterable[int]) -> dict[int, Product]:
    """Return {id: product}, locked in ascending order until the caller's transaction ends.

    Write in a later statement: one that waits for a lock goes on with what it read of other rows before the wait.
    """
    products = Product.objects.select_for_update(no_key=True).filter(pk__in=set(product_ids))
    return {product.pk: product for product in products.order_by("pk")}


def lock_skus(sku_ids: Iterable[int]) -> dict[int, Sku]:
    """Lock the products of these SKUs, then return {id: SKU} of those that exist: three statements for a thousand."""
    ids = sorted(set(sku_ids))
    parts = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
    # All products first: those of one part may come before those of the last one.
    products = sorted(
        {pk for part in parts for pk in Sku.objects.filter(pk__in=part).values_list("product_id", flat=True)}
    )
    for start in range(0, len(products), CHUNK):
        lock_products(products[start : start + CHUNK])
    return {sku.pk: sku for part in parts for sku in Sku.objects.filter(pk__in=part)}


def lock_sku(sku_id: int) -> Sku | None:
    """Lock the SKU's product, then read the SKU; None if there is no such SKU."""
    # A SKU never moves to another product.
    lock_products(Sku.objects.filter(pk=sku_id).values_list("product_id", flat=True))
    return Sku.objects.filter(pk=sku_id).first()
