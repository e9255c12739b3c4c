"""QR codes as the path of an inline SVG."""

from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M

QUIET_ZONE = 4
PIXELS = 6
# A scanner reads any of the eight masks; to try all of them takes seven times as long. Of our addresses this one has
# the fewest patterns that a weak camera stumbles over.
MASK = 2


def code_of(text: str) -> qrcode.QRCode:
    """Return the code of a text."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE, box_size=PIXELS, mask_pattern=MASK)
    code.add_data(text)
    code.make()
    return code


def svg_path(text: str) -> tuple[int, str]:
    """Return the side in modules (quiet zone included) and the path of the dark modules, one stroke a run."""
    matrix = code_of(text).get_matrix()
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


@lru_cache(maxsize=1000)
def kept_svg_path(text: str) -> tuple[int, str]:
    """Return what `svg_path` does, kept for the next time: it takes some milliseconds. Not for secrets of people."""
    return svg_path(text)
