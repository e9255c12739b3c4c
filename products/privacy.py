"""The personal data of products: names of the staff who set prices and terms."""

from common.registry import PersonalField, personal

KEPT = "while the shop keeps its books"

personal(
    PersonalField("products.Price", "actor_label", "who set the price", KEPT, "replaced by the role"),
    PersonalField("products.SkuEvent", "actor_label", "who changed the variant", KEPT, "replaced by the role"),
)
