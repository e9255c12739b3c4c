"""A document as PDF: pages of A4, embedded fonts, selectable text. The same document always gives the same bytes."""

import io
import threading
from collections.abc import Sequence

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from common.email_styles import LIGHT
from orders.documents import words
from orders.documents.blocks import Block, Style
from orders.documents.fonts import DISPLAY, STRONG, TEXT, font, printable
from orders.documents.words import Row, Sheet, Sum
from orders.models import Document

WIDTH, HEIGHT = A4
LEFT, RIGHT = 54.0, WIDTH - 54.0
# The right half of the page: the seller above, the sums below.
HALF = LEFT + 290
FIRST_TOP, NEXT_TOP, BOTTOM = 52.0, 40.0, 36.0
NAME_WIDTH = 196.0
# The right edges and widths of the table's other columns.
COLUMNS = ((LEFT + 262, 62.0), (LEFT + 358, 92.0), (LEFT + 406, 44.0), (RIGHT, 78.0))
TAX_COLUMNS = ((LEFT + 128, 62.0), (LEFT + 192, 60.0), (LEFT + 262, 66.0))
PADDING = 6.0
# The library's fonts are shared and change while a file is written; a file takes some 20 ms.
_one_at_a_time = threading.Lock()

BODY, SMALL = Style(), Style(size=8, leading=11, colour="muted")
BOLD = Style(STRONG)
TITLE = Style(DISPLAY, 46, 46)
NAME = Style(STRONG, 13, 18, "cobalt")
SELLER, SELLER_LINE = Style(STRONG, 11, 15), Style(size=8.5, leading=12, colour="muted")
SUM, TOTAL, TOTAL_FIGURE = Style(size=9), Style(STRONG, 11, 20), Style(STRONG, 15, 20)
FOOT = Style(size=7.5, leading=10.5, colour="muted")


def render(document: Document, *, shows_buyer: bool = True) -> bytes:
    """Return the document as PDF; `shows_buyer=False` for a copy on which the buyer is left out."""
    sheet = words.build(document, shows_buyer=shows_buyer)
    with _one_at_a_time:
        return _drawn(sheet)


def _drawn(sheet: Sheet) -> bytes:
    first, next_head, table_head = _first_head(sheet), _next_head(sheet), _table_head(sheet)
    foot, tail = _foot(sheet), _tail(sheet)
    rows = [_row(row, sheet) for row in sheet.rows]
    floor = HEIGHT - BOTTOM - foot.height
    tops = (FIRST_TOP + first.height, NEXT_TOP + next_head.height)
    pages = paginate([row.height for row in rows], tail.height, *(floor - top - table_head.height for top in tops))

    buffer = io.BytesIO()
    canvas, begin = _canvas(buffer, sheet), 0
    for number, count in enumerate(pages, start=1):
        head, top = (first, FIRST_TOP) if number == 1 else (next_head, NEXT_TOP)
        parts = [head, *([table_head] if count else []), *rows[begin : begin + count]]
        parts += [tail] if number == len(pages) else []
        _draw_page(canvas, parts, top, is_first=number == 1)
        for part in (foot, _page_number(sheet, number, len(pages))):
            part.draw(canvas, floor)
        canvas.showPage()
        begin += count
    canvas.save()
    return buffer.getvalue()


def paginate(rows: Sequence[float], tail: float, first: float, other: float) -> list[int]:
    """Return how many rows each page takes, of heights in points; the tail follows the last row on its page.

    Where the tail does not fit any more, the last row moves on with it: sums never stand on a page of their own.
    """
    pages, space = [0], first
    for number, height in enumerate(rows):
        needed = height + (tail if number == len(rows) - 1 else 0)
        # A page that has nothing takes what it gets, or it would never end; the first may have room for none.
        if needed > space and (pages[-1] or len(pages) == 1):
            pages.append(0)
            space = other
        pages[-1] += 1
        space -= height
    return pages


def _canvas(buffer: io.BytesIO, sheet: Sheet) -> Canvas:
    # Invariant: no clock and no random number in the file.
    canvas = Canvas(
        buffer, pagesize=A4, invariant=1, pageCompression=1, initialFontName=font(TEXT).fontName, lang=sheet.language
    )
    canvas.setTitle(f"{printable(sheet.title)} {sheet.name}")
    canvas.setAuthor(printable(sheet.seller))
    canvas.setSubject(printable(sheet.title))
    canvas.setCreator("Vitrine")
    return canvas


def _draw_page(canvas: Canvas, parts: Sequence[Block], top: float, *, is_first: bool) -> None:
    canvas.setFillColor(HexColor(LIGHT["cobalt"]))
    thickness = 6 if is_first else 2
    canvas.rect(0, HEIGHT - thickness, WIDTH, thickness, stroke=0, fill=1)
    for part in parts:
        part.draw(canvas, top)
        top += part.height


def _first_head(sheet: Sheet) -> Block:
    """Return title and number on the left, the seller on the right, below them the facts and the buyer."""
    block = Block()
    left = block.paragraph(sheet.title, LEFT, 0, HALF - LEFT - 20, TITLE)
    left = block.paragraph(sheet.name, LEFT, left + 4, HALF - LEFT - 20, NAME)
    right = block.paragraph(sheet.seller, HALF, 8, RIGHT - HALF, SELLER)
    for line in sheet.seller_lines:
        right = block.paragraph(line, HALF, right, RIGHT - HALF, SELLER_LINE)
    top = _put_facts(block, sheet, max(left, right) + 22)
    if sheet.buyer:
        top = block.paragraph(sheet.buyer_label, LEFT, top + 16, RIGHT - LEFT, SMALL)
        top = block.paragraph(sheet.buyer, LEFT, top, RIGHT - LEFT, BOLD)
        for line in sheet.buyer_lines:
            top = block.paragraph(line, LEFT, top, RIGHT - LEFT, BODY)
    for note in sheet.notes:
        top = block.paragraph(note, LEFT, top + 14, RIGHT - LEFT, BODY)
    block.height = top + 26
    return block


def _put_facts(block: Block, sheet: Sheet, top: float) -> float:
    step, bottom = (RIGHT - LEFT) / len(sheet.facts), top
    block.rule(LEFT, RIGHT, top)
    for number, (label, value) in enumerate(sheet.facts):
        left = LEFT + number * step
        below = block.paragraph(label, left, top + 9, step - 10, SMALL)
        bottom = max(bottom, block.paragraph(value, left, below, step - 10, BODY))
    block.rule(LEFT, RIGHT, bottom + 8)
    return bottom + 8


def _next_head(sheet: Sheet) -> Block:
    block = Block()
    block.paragraph(f"{sheet.title} {sheet.name}", LEFT, 0, HALF - LEFT, BOLD)
    block.height += 14
    return block


def _table_head(sheet: Sheet) -> Block:
    block = Block()
    block.paragraph(sheet.columns[0], LEFT, 0, NAME_WIDTH, SMALL)
    for label, (right, most) in zip(sheet.columns[1:], COLUMNS, strict=True):
        block.figure(label, right, 0, most, SMALL)
    block.rule(LEFT, RIGHT, 15, thickness=1.2, colour="ink")
    return block


def _row(row: Row, sheet: Sheet) -> Block:
    block = Block()
    below = block.paragraph(row.name, LEFT, PADDING, NAME_WIDTH, BODY)
    below = block.paragraph(row.note, LEFT, below, NAME_WIDTH, SMALL)
    for text, (right, most) in zip((row.quantity, row.price, row.tax, row.amount), COLUMNS, strict=True):
        block.figure(text, right, PADDING, most, BODY)
    if row.discount:
        block.paragraph(sheet.discount_label, LEFT, below, NAME_WIDTH, SMALL)
        block.figure(row.discount, RIGHT, below, COLUMNS[-1][1], SMALL)
    block.rule(LEFT, RIGHT, block.height + PADDING)
    return block


def _tail(sheet: Sheet) -> Block:
    """Return the tax of each rate on the left and the sums on the right, which stay together."""
    block = Block()
    top = 18.0
    block.paragraph(sheet.tax_columns[0], LEFT, top, TAX_COLUMNS[0][0] - LEFT - 64, SMALL)
    for label, (right, most) in zip(sheet.tax_columns[1:], TAX_COLUMNS, strict=True):
        block.figure(label, right, top, most, SMALL)
    top += 15
    block.rule(LEFT, TAX_COLUMNS[-1][0], top)
    for rate, *figures in sheet.taxes:
        block.paragraph(rate, LEFT, top + 3, TAX_COLUMNS[0][0] - LEFT - 64, SELLER_LINE)
        for text, (right, most) in zip(figures, TAX_COLUMNS, strict=True):
            block.figure(text, right, top + 3, most, SELLER_LINE)
        top += 14
    _put_sums(block, sheet.sums, 16.0)
    return block


def _put_sums(block: Block, sums: Sequence[Sum], top: float) -> None:
    for one in sums:
        if one.is_total:
            block.rule(HALF, RIGHT, top + 4, thickness=1.2, colour="ink")
            block.figure(one.amount, RIGHT, top + 8, 120, TOTAL_FIGURE)
            top = block.paragraph(one.label, HALF, top + 8, 64, TOTAL) + 5
        else:
            block.figure(one.amount, RIGHT, top, 64, SUM)
            top = block.paragraph(one.label, HALF, top, RIGHT - HALF - 68, SUM) + 2


def _foot(sheet: Sheet) -> Block:
    """Return the owner's text below every page; the page's number stands beside its first line."""
    block, top = Block(), 10.0
    block.rule(LEFT, RIGHT, 0)
    for line in sheet.footer:
        top = block.paragraph(line, LEFT, top, RIGHT - LEFT - 110, FOOT)
    block.height = max(top, 10 + FOOT.leading)
    return block


def _page_number(sheet: Sheet, number: int, count: int) -> Block:
    block = Block()
    block.figure(sheet.page % {"number": number, "count": count}, RIGHT, 10, 100, FOOT)
    return block
