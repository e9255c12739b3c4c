"""A reader of QR codes for tests, written from the standard: versions 2 to 6, correction level M, mask 2."""

import io
import re

from PIL import Image

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
# By version: the number of blocks, and the data codewords of each, at correction level M.
BLOCKS = {2: (1, 28), 3: (1, 44), 4: (2, 32), 5: (2, 43), 6: (4, 27)}
QUIET_ZONE = 4
FORMAT_MASK, LEVEL_M = 0b101010000010010, 0b00
Matrix = list[list[bool]]


def from_svg(side: int, path: str) -> Matrix:
    """Return the modules of an SVG drawn with strokes, without its quiet zone, which must be light."""
    drawn = [[False] * side for _ in range(side)]
    for x, y, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", path):
        for column in range(int(x), int(x) + int(length)):
            drawn[int(y)][column] = True
    return _without_border(drawn)


def from_png(data: bytes, *, pixels: int) -> Matrix:
    """Return the modules of a PNG without its quiet zone, given the width of a module in pixels."""
    picture = Image.open(io.BytesIO(data)).convert("L")
    side = picture.width // pixels
    middle = pixels // 2
    drawn = [
        [picture.getpixel((x * pixels + middle, y * pixels + middle)) < 128 for x in range(side)] for y in range(side)
    ]
    return _without_border(drawn)


def _without_border(drawn: Matrix) -> Matrix:
    inside = slice(QUIET_ZONE, len(drawn) - QUIET_ZONE)
    code = [row[inside] for row in drawn[inside]]
    assert sum(map(sum, drawn)) == sum(map(sum, code)), "something is drawn in the quiet zone"
    return code


def read(code: Matrix) -> str:
    """Return the text of a code. Raises AssertionError unless it has level M and mask 2."""
    size = len(code)
    assert _format(code) == (LEVEL_M, 2)
    bits = [code[y][x] != (x % 3 == 0) for x, y in _data_places(size)]
    words = [sum(bit << 7 - n for n, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits) - 7, 8)]
    blocks, length = BLOCKS[(size - 17) // 4]
    data = [words[number * blocks + block] for block in range(blocks) for number in range(length)]
    return _text("".join(f"{word:08b}" for word in data))


def _format(code: Matrix) -> tuple[int, int]:
    """Return the correction level and the mask, from the copy near the upper left corner."""
    row = [code[8][x] for x in (0, 1, 2, 3, 4, 5, 7, 8)]
    column = [code[y][8] for y in (7, 5, 4, 3, 2, 1, 0)]
    word = int("".join(str(int(bit)) for bit in [*row, *column]), 2) ^ FORMAT_MASK
    return word >> 13, word >> 10 & 0b111


def _data_places(size: int) -> list[tuple[int, int]]:
    """Return the positions of the data, in order: up and down in pairs of columns, from the right."""
    places, upwards = [], True
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        rows = range(size - 1, -1, -1) if upwards else range(size)
        places += [(x, y) for y in rows for x in (right, right - 1) if not _is_pattern(x, y, size)]
        upwards = not upwards
    return places


def _is_pattern(x: int, y: int, size: int) -> bool:
    is_corner = (x < 9 and (y < 9 or y > size - 9)) or (x > size - 9 and y < 9)
    is_alignment = size - 9 <= x <= size - 5 and size - 9 <= y <= size - 5
    return is_corner or is_alignment or x == 6 or y == 6


def _text(bits: str) -> str:
    text, at = "", 0

    def take(count: int) -> int:
        nonlocal at
        at += count
        return int(bits[at - count : at] or "0", 2)

    while at + 4 <= len(bits) and (mode := take(4)):
        if mode == 0b0100:
            text += bytes(take(8) for _ in range(take(8))).decode()
        elif mode == 0b0010:
            count = take(9)
            for _ in range(count // 2):
                first, second = divmod(take(11), 45)
                text += ALPHANUMERIC[first] + ALPHANUMERIC[second]
            text += ALPHANUMERIC[take(6)] if count % 2 else ""
        else:
            assert mode == 0b0001, f"mode {mode:04b}"
            count = take(10)
            text += "".join(f"{take(10):03d}" for _ in range(count // 3))
            text += f"{take(4):d}" if count % 3 == 1 else f"{take(7):02d}" if count % 3 == 2 else ""
    return text
