"""The PDF of a document: the same bytes each time, text that can be read back, and any name that people may have."""

import io
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PageObject, PdfReader

from orders.documents.fonts import DISPLAY, STRONG, TEXT, font, printable, width, wrap
from orders.documents.pdf import paginate, render
from orders.models import Document, Order
from orders.services.documents import InvoiceBuyer
from orders.services.erase import erase_contacts
from orders.tests.documents import credit, credit_of, invoice, paid, receipt
from orders.tests.factories import make_order, make_seller, pay_at_counter

FONTS = (TEXT, STRONG, DISPLAY)


def pages_of(document: Document, **options) -> list[str]:
    """Return the text of each page, with plain spaces."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(render(document, **options))).pages]


def text_of(document: Document, **options) -> str:
    return " ".join(pages_of(document, **options))


def order_of(at, lines: int, **extra) -> Order:
    """Return a paid order with many lines of one pack each."""
    order = make_order(at, quantity="1", price="2.60", **extra)
    line = order.lines.get()
    for position in range(2, lines + 1):
        line.pk, line.position, line.name = None, position, f"Rye bread {position}"
        line.save()
    total = Decimal("2.60") * lines
    Order.objects.filter(pk=order.pk).update(goods_total=total, total=total, tax_total=line.tax_amount * lines)
    order.refresh_from_db()
    pay_at_counter(order, at)
    return order


# What is printed


@pytest.mark.django_db
def test_a_receipt_says_what_was_bought_and_how_it_was_paid(at):
    order = paid(at)
    document = receipt(order, at)

    text = text_of(document)

    code = order.lines.get().code
    for part in (
        "Receipt R-2026-000001", "10 March 2026", f"{order.number[:4]} {order.number[4:]}", f"Butter croissant {code}",
        "2 pc", "€2.60", "10%", "€5.20", "€4.73", "€0.47", "Paid in cash, 10 March 2026", "12 Canal Quay",
        "Page 1 of 1",
    ):  # fmt: skip
        assert part in text
    assert "Buyer" not in text and "Mira" not in text


@pytest.mark.django_db
def test_an_invoice_names_seller_and_buyer(at):
    make_seller(vat_number="NL123", registration_number="KvK 9", footer="IBAN NL00 BANK 01")

    text = text_of(invoice(paid(at), at))

    for part in (
        "Canal Bakery B.V. 12 Canal Quay 1011 AB Amsterdam Registration number KvK 9 VAT number NL123",
        "Buyer Noor Visser Singel 1 1012 VC Amsterdam VAT number NL001234567B01", "IBAN NL00 BANK 01",
    ):  # fmt: skip
        assert part in text


@pytest.mark.django_db
def test_a_credit_note_is_negative_and_names_what_it_corrects(at):
    order = paid(at)
    corrected = receipt(order, at)

    text = text_of(credit(order, at))

    assert "Corrects" in text and corrected.name in text
    assert "−€2.60" in text and "−€2.36" in text and "−€0.24" in text
    assert "The order was cancelled." in text
    assert "-€" not in text


@pytest.mark.django_db
def test_an_amount_without_goods_is_a_line_of_its_own(at):
    text = text_of(credit(paid(at), at, credit_of(lines=[], reason="unheard of")))

    assert "Refund for order" in text and "−€2.60" in text
    assert "cancelled" not in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "figures"),
    [("en", ["€2.60", "10%", "0.3 kg", "€12.50 per kg"]), ("ru", ["2,60 €", "10 %", "0,3 kg", "12,50 € per kg"])],
)
@pytest.mark.violates("I05", "I07")
def test_figures_are_written_in_the_language_of_the_document(at, language, figures):
    order = order_of(at, 2, language=language)
    order.lines.filter(position=2).update(unit="kg", quantity="0.3", unit_price="12.50", name="Хлеб «Ржаной»")

    text = text_of(receipt(order, at))

    assert not [figure for figure in figures if figure not in text]
    assert "Хлеб «Ржаной»" in text
    assert ("10 марта 2026" if language == "ru" else "10 March 2026") in text


@pytest.mark.django_db
def test_an_erased_buyer_is_said_to_be_erased(at):
    make_seller()
    order = paid(at)
    document = invoice(order, at)
    erase_contacts([order])
    document.refresh_from_db()

    text = text_of(document)

    assert "The buyer’s data was erased after this document was issued." in text
    assert "Noor" not in text and "NL001234567B01" not in text


@pytest.mark.django_db
def test_a_copy_can_leave_the_buyer_out(at):
    make_seller()

    text = text_of(invoice(paid(at), at), shows_buyer=False)

    assert "This copy leaves the buyer’s data out." in text
    assert "Noor" not in text and "Singel" not in text


# Pages


@pytest.mark.django_db
@pytest.mark.violates("I05")
@pytest.mark.parametrize("lines", [1, 12, 13, 14, 15, 16, 17, 18, 40, 200])
def test_sums_never_stand_alone_and_every_page_is_headed(at, lines):
    pages = pages_of(receipt(order_of(at, lines), at))

    assert [f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, 1)] == [True] * len(pages)
    assert all("R-2026-000001" in page and "Unit price" in page for page in pages)
    assert "Total" in pages[-1] and not any("of which VAT" in page for page in pages[:-1])
    last = f"Rye bread {lines}" if lines > 1 else "Butter croissant"
    assert last in pages[-1]
    assert sum(page.count("Rye bread") for page in pages) == lines - 1


@given(st.lists(st.floats(10, 300), min_size=1, max_size=80), st.floats(40, 300), st.floats(-50, 600))
def test_every_row_is_on_one_page_and_the_last_one_stays_with_the_sums(rows, tail, first):
    other = 700.0

    pages = paginate(rows, tail, first, other)

    assert sum(pages) == len(rows)
    assert pages[-1] > 0 and all(pages[1:])
    taken = 0
    for number, count in enumerate(pages):
        height = sum(rows[taken : taken + count])
        taken += count
        room = first if number == 0 else other
        assert not count or height + (tail if number == len(pages) - 1 else 0) <= room + 0.001


# The file


@pytest.mark.django_db
def test_the_same_document_gives_the_same_bytes(at):
    make_seller()
    document = invoice(paid(at), at)

    first = render(document)

    assert render(Document.objects.get()) == first
    assert PdfReader(io.BytesIO(first)).metadata.title == "Invoice INV-2026-000001"


@pytest.mark.django_db
def test_threads_that_render_at_once_do_not_disturb_each_other(at):
    make_seller()
    documents = [receipt(paid(at), at), invoice(paid(at, language="ru"), at)] * 20
    alone = [render(document) for document in documents]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(render, documents)) == alone


@pytest.mark.django_db
def test_all_fonts_are_embedded(at):
    reader = PdfReader(io.BytesIO(render(receipt(paid(at), at))))

    fonts = [font for page in reader.pages for font in fonts_on(page)]

    assert {name.split("+")[1] for name, _ in fonts} == {
        "GolosText-Regular",
        "GolosText-SemiBold",
        "SofiaSansExtraCondensed-ExtraBold",
    }
    assert all(is_embedded for _, is_embedded in fonts)


def fonts_on(page: PageObject) -> list[tuple[str, bool]]:
    used = [one.get_object() for one in page["/Resources"]["/Font"].get_object().values()]
    return [(one["/BaseFont"], "/FontFile2" in one["/FontDescriptor"].get_object()) for one in used]


def test_the_fonts_have_every_character_of_the_languages_we_know():
    letters = "".join(chr(code) for code in range(0x410, 0x450)) + "ёЁіїєґІЇЄҐ№"
    latin = "".join(chr(code) for code in (*range(0x21, 0x7F), *range(0xC0, 0x100)))

    missing = {name: {*letters, *latin, *"€−–’“”·"} - known(name) for name in FONTS}

    assert not any(missing.values()), missing
    assert "₽" in known(TEXT) and "₽" in known(STRONG)


def known(name: str) -> set[str]:
    return {chr(code) for code in font(name).face.charToGlyph}


@pytest.mark.parametrize("name", FONTS)
def test_figures_are_equally_wide_so_that_columns_align(name):
    assert len({width(figure, name, 100) for figure in "0123456789"}) == 1


# Any text


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Mila & <b>Ben</b>", "Mila & <b>Ben</b>"),
        ("Noor \u202eresiV\u202c", "Noor resiV"),
        ("a\x00b\x07c\u200bd\ufeffe\u00adf", "abcdef"),
        ("tab\tand\r\nline", "tab and line"),
        ("  many   spaces\u2003here ", "many spaces here"),
        ("10\u202f000\u00a0€", "10\u00a0000\u00a0€"),
        ("Cake 🥐🥐👨\u200d👩\u200d👧 now", "Cake ? now"),
        ("Łódź čaj ﬁ", "Lódz caj fi"),
        ("محمد", "mhmd"),
        ("漢字", "HanZi"),
        ("e\u0301 и\u0301", "é и́"),
        ("\ud800\ue000\uffff", ""),
        ("🥐", "?"),
        ("", ""),
    ],
)
def test_what_a_font_lacks_is_replaced_by_one_rule(text, printed):
    assert printable(text) == printed


@given(st.text(max_size=300), st.sampled_from(FONTS), st.floats(20, 400))
@settings(max_examples=300)
def test_lines_fit_and_hold_only_what_the_font_can_draw(text, name, most):
    lines = wrap(text, name, 9, most)

    assert all(width(line, name, 9) <= most + 0.001 for line in lines)
    assert all(letter in known(name) for line in lines for letter in line)
    assert not [one for line in lines for one in line if unicodedata.category(one) in ("Cc", "Cf")]
    assert "".join("".join(lines).split(" ")) == "".join(printable(text, name).split(" "))


HOSTILE = {
    "markup": "<b>Bold</b> <para> &amp; ]]> %s {{ x }}",
    "marks": "\u202eevil\u2066 \u200fx\x07\x1b[31m",
    "no space": "W" * 4000,
    "emoji": "🥐👨\u200d👩\u200d👧🏳️\u200d🌈" * 10,
    "right to left": "شركة الخبز الذهبي المحدودة",
    "postscript": ") Tj (x) \\051 \\",
    "marks on marks": "Z" + "\u0335\u0321" * 200,
}


@pytest.mark.django_db
@pytest.mark.violates("I05")
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_names_are_printed_within_the_page(at, text):
    make_seller(legal_name=text[:120], address=text[:300], footer=text[:300], vat_number=text[:40])
    order = order_of(at, 3)
    order.lines.update(name=text[:255], options=text[:255])
    document = invoice(order, at, InvoiceBuyer(f"N {text}"[:150], [f"S {text}"[:100]] * 6, text[:40]))

    data = render(document)

    drawn = drawn_by(data)
    assert drawn
    assert min(left for left, _, _ in drawn) > 53 and max(right for _, right, _ in drawn) < 543
    assert not [bottom for _, _, bottom in drawn if not 20 <= bottom <= 842]
    assert "€7.80" in text_of(document)


def drawn_by(data: bytes) -> list[tuple[float, float, float]]:
    """Return left and right ends and baselines of all texts, in points."""
    found = []

    def visit(text, _matrix, position, fonts, size):
        if text.strip():
            name = {"Golos": TEXT, "Sofia": DISPLAY}[fonts["/BaseFont"].split("+")[1][:5]]
            name = STRONG if "SemiBold" in fonts["/BaseFont"] else name
            shown = text.strip("\n")
            found.append((position[4], position[4] + width(shown, name, size), position[5]))

    for page in PdfReader(io.BytesIO(data)).pages:
        page.extract_text(visitor_text=visit)
    return found
