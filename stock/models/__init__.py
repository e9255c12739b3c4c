"""Shops and what is in them."""

from stock.models.level import Band, StockLevel
from stock.models.movement import StockMovement
from stock.models.reservation import Reservation
from stock.models.shop import Shop, ShopChoice, ShopDay, ShopHours, ShopStaff

__all__ = [
    "Band",
    "Reservation",
    "Shop",
    "ShopChoice",
    "ShopDay",
    "ShopHours",
    "ShopStaff",
    "StockLevel",
    "StockMovement",
]
