"""The QR code of an order, scanned at the counter: inline SVG, and PNG for emails."""

import io

from common.qr import code_of
from common.qr import kept_svg_path as svg_path_of
from common.urls import absolute_path
from orders.models import Order


def collect_url(order: Order) -> str:
    """Return the absolute address in the QR code; it opens for staff only."""
    return absolute_path(f"/c/{order.collect_secret}/")


def svg_path(order: Order) -> tuple[int, str]:
    """Return the QR code of an order as `common.qr.svg_path` does; an order's page is opened again and again."""
    return svg_path_of(collect_url(order))


def png(order: Order) -> bytes:
    """Return the QR code as a black and white PNG of about one kilobyte."""
    stream = io.BytesIO()
    code_of(collect_url(order)).make_image().save(stream, "PNG")
    return stream.getvalue()
