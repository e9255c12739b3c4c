"""Reading the demo shop's data files."""

import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PICTURES = HERE / "pictures"
CREDIT = "Fluent Emoji, Microsoft Corporation; composed for Zerno"
LICENCE = "MIT, see storefront/demo/CREDITS.md"


def read(name: str) -> dict[str, Any]:
    """Return the contents of data/<name>.toml."""
    with (HERE / "data" / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def products() -> list[dict[str, Any]]:
    """Return all products of the demo, with the SKUs of coffees expanded."""
    rows = read("products_bakery")["product"] + read("products_shelf")["product"]
    return [{**row, "skus": _coffee_skus(row["coffee"])} if "coffee" in row else row for row in rows]


def _coffee_skus(coffee: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a coffee's SKUs: two weights in three grinds, with one price for each weight."""
    skus = []
    for weight, grams, stock_share in (("w250", "250", 1), ("w1000", "1000", 3)):
        for grind in ("whole", "filter", "espresso"):
            stock = [str(int(amount) // stock_share // (1 if grind == "whole" else 2)) for amount in coffee["stock"]]
            skus.append(
                {
                    "code": f"{coffee['code']}-{grams}-{grind[:3].upper()}",
                    "options": {"weight": weight, "grind": grind},
                    "net": [grams, "g"],
                    "price": coffee[weight],
                    "max": "12",
                    "stock": stock,
                }
            )
    return skus
