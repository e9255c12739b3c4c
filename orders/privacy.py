"""The personal data of orders: who collects, how to reach them."""

from common.registry import PersonalField, personal

KEPT = "RETENTION_MONTHS after the order, while an account exists for its owner"

personal(
    PersonalField("orders.Order", "name", "calling the customer at hand-over", KEPT, "set to NULL"),
    PersonalField("orders.Order", "phone", "questions about the order, finding it at the counter", KEPT, "set to NULL"),
    PersonalField("orders.Order", "email", "mail about the order, the look-up form", KEPT, "set to NULL"),
    PersonalField("orders.Order", "comment", "wishes for the order", KEPT, "set to NULL"),
)
