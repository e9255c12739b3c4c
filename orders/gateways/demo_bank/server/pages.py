"""The bank's pages: plain HTML, its own style sheet, no script."""

import html
import math
import pathlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

CSS = pathlib.Path(__file__).with_name("bank.css").read_bytes()

_TEXTS: dict[str, dict[str, Any]] = {
    "en": {
        "test": "Demo Bank. No real money moves here.",
        "ends": "Expires in {minutes} min",
        "order": "{shop}, order {number}",
        "card": "Card number",
        "expiry": "Expiry",
        "code": "Security code",
        "what": "What should happen?",
        "pay": ("Pay", "succeeds immediately"),
        "decline": ("Decline", "insufficient funds"),
        "silent": ("Stay silent", "paid, but the notice is lost"),
        "late": ("Pay late", "after the hold has expired"),
        "button": "Pay {sum}",
        "back": "Cancel and return to the shop",
        "title": "Pay {sum}",
        "done": "This payment is closed.",
        "return": "Return to the shop",
        "missing": "There is no such payment.",
    },
    "ru": {
        "test": "Демо-банк. Настоящих денег здесь нет.",
        "ends": "Ещё {minutes} мин",
        "order": "{shop}, заказ {number}",
        "card": "Номер карты",
        "expiry": "Срок действия",
        "code": "Код безопасности",
        "what": "Что должно произойти",
        "pay": ("Оплатить", "проходит сразу"),
        "decline": ("Отказать", "недостаточно денег"),
        "silent": ("Промолчать", "оплачено, но извещение потеряно"),
        "late": ("Оплатить поздно", "после конца брони"),
        "button": "Оплатить {sum}",
        "back": "Отменить и вернуться в магазин",
        "title": "Оплата {sum}",
        "done": "Этот платёж закрыт.",
        "return": "Вернуться в магазин",
        "missing": "Такого платежа нет.",
    },
}
_LOCK = (
    '<svg width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'aria-hidden="true"><rect width="18" height="11" x="3" y="11" rx="2"/><path d="M7 11V7a5 5 0 0 1 10 0v4"/></svg>'
)
OUTCOMES = ("pay", "decline", "silent", "late")
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "RUB": "₽"}


def payment_page(payment: Mapping[str, object], hidden: Mapping[str, str], shop: str, now: float) -> str:
    """Return the page of an open payment to `shop`; `hidden` carries the faults requested in the query."""
    text = _texts(payment)
    total = html.escape(_money(payment))
    number = str(payment["reference"])
    number = f"{number[:4]} {number[4:]}" if len(number) == 8 else number
    minutes = math.ceil((int(str(payment["expires_at"])) - now) / 60) if payment["expires_at"] else 0
    session = text["ends"].format(minutes=minutes) if minutes > 0 else ""
    choices = "".join(
        f'<label class="check"><input type="radio" name="outcome" value="{code}"{" checked" if code == "pay" else ""}>'
        f"<span>{text[code][0]} <span>{text[code][1]}</span></span></label>"
        for code in OUTCOMES
    )
    kept = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in hidden.items()
    )
    body = (
        f'<div class="split head"><strong class="split">{_LOCK} Demo Bank</strong><p class="meta">{session}</p></div>'
        f"<div><h1>{html.escape(text['order'].format(shop=shop, number=number))}</h1>"
        f'<p class="sum">{total}</p></div>'
        f'<form method="post">{kept}'
        f'<div class="field"><label for="cc">{text["card"]}</label><input type="text" id="cc" inputmode="numeric" '
        f'autocomplete="off" value="4000 0000 0000 0002"></div>'
        f'<div class="pair"><div class="field"><label for="ex">{text["expiry"]}</label>'
        f'<input type="text" id="ex" autocomplete="off" placeholder="MM / YY"></div>'
        f'<div class="field"><label for="cv">{text["code"]}</label>'
        f'<input type="text" id="cv" inputmode="numeric" autocomplete="off"></div></div>'
        f"<fieldset><legend>{text['what']}</legend>{choices}</fieldset>"
        f'<button name="action" value="go">{html.escape(text["button"].format(sum=""))}{total}</button>'
        f'<button class="quiet" name="action" value="cancel">{text["back"]}</button></form>'
    )
    return _page(payment, text["title"].format(sum=_money(payment)), body)


def closed_page(payment: Mapping[str, object]) -> str:
    """Return the page of a payment that is no longer open, with a link back to the shop."""
    text = _texts(payment)
    address = html.escape(str(payment["return_url"]))
    return _page(payment, text["done"], f'<p>{text["done"]}</p><p><a href="{address}">{text["return"]}</a></p>')


def missing_page() -> str:
    """Return the page for an address that leads nowhere."""
    return _page({"language": "en"}, _TEXTS["en"]["missing"], f"<p>{_TEXTS['en']['missing']}</p>")


def front_page() -> str:
    """Return the bank's front page."""
    return _page({"language": "en"}, "Demo Bank", "<p>This bank serves the demo shop. Payments start there.</p>")


def _money(payment: Mapping[str, object]) -> str:
    """Return the amount as it is written in the buyer's language: €1,234.50 or 1 234,50 €."""
    amount, currency = str(payment["amount"]), str(payment["currency"])
    number = f"{Decimal(amount):,.{2 if '.' in amount else 0}f}"
    if _texts(payment) is _TEXTS["ru"]:
        number = number.replace(",", "\xa0").replace(".", ",")
        return f"{number}\xa0{_SYMBOLS.get(currency, currency)}"
    return f"{_SYMBOLS[currency]}{number}" if currency in _SYMBOLS else f"{number}\xa0{currency}"


def _texts(payment: Mapping[str, object]) -> dict:
    return _TEXTS.get(str(payment["language"]).split("-")[0], _TEXTS["en"])


def _page(payment: Mapping[str, object], title: str, body: str) -> str:
    text = _texts(payment)
    language = str(payment["language"]).split("-")[0]
    return (
        f'<!doctype html><html lang="{language if language in _TEXTS else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex"><link rel="icon" href="data:,">'
        f"<title>{html.escape(title)} · Demo Bank</title>"
        f'<link rel="stylesheet" href="/bank.css"></head><body><header class="test">{text["test"]}</header>'
        f"<main>{body}</main></body></html>"
    )
