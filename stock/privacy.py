"""The personal data of stock: names of the staff who counted and moved goods, and the shop that a customer chose."""

import datetime as dt
from collections.abc import Iterable

from common.registry import PersonalField, Row, erases, exports, personal
from stock.models import ShopChoice
from stock.services.shops import forget_choice

personal(
    PersonalField(
        "stock.StockMovement",
        "actor_label",
        "who moved the goods",
        "while the shop keeps its books",
        "replaced by the role",
    ),
    PersonalField("stock.ShopChoice", "shop", "offering it first", "while the account exists", "row deleted"),
)


@exports("shop")
def shop(user_id: int) -> Iterable[Row]:
    """The shop that was chosen last."""
    for code in ShopChoice.objects.filter(user=user_id).values_list("shop__code", flat=True):
        yield {"shop": code}


@erases(rank=3, left=lambda user_id: ShopChoice.objects.filter(user=user_id).exists())
def chosen_shop(user_id: int, at: dt.datetime) -> Iterable[str]:
    """The choice goes with its owner."""
    forget_choice(user_id=user_id)
    return ()
