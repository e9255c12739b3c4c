"""The personal data on orders, of customers with an account and of guests."""

from common.registry import PersonalField, personal

KEPT = "RETENTION_MONTHS after the order, at the customer's wish earlier"
BLANKED = "set to NULL"

personal(
    PersonalField("orders.Order", "name", "the counter asks for it when the order is collected", KEPT, BLANKED),
    PersonalField("orders.Order", "phone", "calls when something is wrong; finding the order", KEPT, BLANKED),
    PersonalField("orders.Order", "email", "emails about the order; finding the order", KEPT, BLANKED),
    PersonalField("orders.Order", "comment", "wishes for this order", KEPT, BLANKED),
    PersonalField("orders.OrderEvent", "actor_label", "who did what", KEPT, "replaced by the role"),
    PersonalField("orders.OrderEvent", "note", "why", KEPT, "blanked"),
    PersonalField("orders.HandOver", "actor_label", "who handed the order over", KEPT, "replaced by the role"),
)
