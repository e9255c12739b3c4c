"""The personal data of stock: names of the staff who counted and moved goods."""

from common.registry import PersonalField, personal

personal(
    PersonalField(
        "stock.StockMovement",
        "actor_label",
        "who moved the goods",
        "while the shop keeps its books",
        "replaced by the role",
    ),
)
