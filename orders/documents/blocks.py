"""Blocks of a page: texts and rules at places relative to the block's top left corner, in points."""

from dataclasses import dataclass, field

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from common.email_styles import LIGHT
from orders.documents.fonts import TEXT, font, printable, width, wrap

# Letters are seldom drawn smaller than this to make a figure fit its column.
SMALLEST = 4.0
ASCENT = 0.76
# Nothing that the database keeps is longer; whatever is stays on its page.
MOST_LINES = 14


@dataclass(frozen=True)
class Style:
    """A font with its size, the distance of its lines, and a colour of common.email_styles."""

    font: str = TEXT
    size: float = 9.5
    leading: float = 13.0
    colour: str = "ink"


@dataclass(frozen=True)
class _Text:
    left: float
    baseline: float
    text: str
    style: Style


@dataclass(frozen=True)
class _Rule:
    left: float
    right: float
    top: float
    thickness: float
    colour: str


@dataclass
class Block:
    """What is drawn together. `height` grows with what is put in, and may be set by hand."""

    height: float = 0.0
    _texts: list[_Text] = field(default_factory=list)
    _rules: list[_Rule] = field(default_factory=list)

    def paragraph(self, text: str, left: float, top: float, most: float, style: Style) -> float:
        """Put a text, broken to `most` points; return where the next line would begin."""
        for line in wrap(text, style.font, style.size, most)[:MOST_LINES]:
            self._put(line, left, top, style)
            top += style.leading
        return top

    def figure(self, text: str, right: float, top: float, most: float, style: Style) -> None:
        """Put a text on one line that ends at `right`, smaller where it would be wider than `most`."""
        shown = printable(text, style.font)
        wide = width(shown, style.font, style.size)
        if wide > most:
            size = max(style.size * most / wide, SMALLEST)
            style, wide = Style(style.font, size, style.leading, style.colour), width(shown, style.font, size)
        self._put(shown, right - wide, top, style)

    def rule(self, left: float, right: float, top: float, *, thickness: float = 0.6, colour: str = "line") -> None:
        """Put a horizontal rule."""
        self._rules.append(_Rule(left, right, top, thickness, colour))
        self.height = max(self.height, top)

    def draw(self, canvas: Canvas, top: float) -> None:
        """Draw the block with its top at `top` points below that of the page."""
        page = canvas._pagesize[1]
        for rule in self._rules:
            canvas.setStrokeColor(HexColor(LIGHT[rule.colour]))
            canvas.setLineWidth(rule.thickness)
            canvas.line(rule.left, page - top - rule.top, rule.right, page - top - rule.top)
        for one in self._texts:
            canvas.setFillColor(HexColor(LIGHT[one.style.colour]))
            canvas.setFont(font(one.style.font).fontName, one.style.size)
            canvas.drawString(one.left, page - top - one.baseline, one.text)

    def _put(self, text: str, left: float, top: float, style: Style) -> None:
        above = (style.leading - style.size) / 2
        self._texts.append(_Text(left, top + above + style.size * ASCENT, text, style))
        self.height = max(self.height, top + style.leading)
