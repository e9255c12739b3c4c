"""The QR code of an order, scanned at the counter: inline SVG, and PNG for emails."""

import io
from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M

from common.urls import absolute_path
from orders.models import Order

QUIET_ZONE = 4
PIXELS = 6
# A scanner reads any of the eight masks; to try all of them takes seven times as long. Of our addresses this one has
# the fewest patterns that a weak camera stumbles over.
MASK = 2


def collect_url(order: Order) -> str:
    """Return the absolute address in the QR code; it opens for staff only."""
    return absolute_path(f"/c/{order.collect_secret}/")


def _code(text: str) -> qrcode.QRCode:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE, box_size=PIXELS, mask_pattern=MASK)
    code.add_data(text)
    code.make()
    return code


def svg_path(order: Order) -> tuple[int, str]:
    """Return the QR code of an order as `svg_path_of` does."""
    return svg_path_of(collect_url(order))


@lru_cache(maxsize=1000)
def svg_path_of(text: str) -> tuple[int, str]:
    """Return the side in modules (quiet zone included) and the path of the dark modules, one stroke a run.

    This takes some milliseconds; an order's page is opened again and again, so the result is cached.
    """
    matrix = _code(text).get_matrix()
    strokes = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            length = 0
            while x + length < len(row) and row[x + length]:
                length += 1
            if length:
                strokes.append(f"M{x} {y}.5h{length}")
            x += length or 1
    return len(matrix), "".join(strokes)


def png(order: Order) -> bytes:
    """Return the QR code as a black and white PNG of about one kilobyte."""
    stream = io.BytesIO()
    _code(collect_url(order)).make_image().save(stream, "PNG")
    return stream.getvalue()
