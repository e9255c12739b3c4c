"""Reading typed and scanned codes: in any spelling, in any keyboard layout, and without guessing."""

import pytest

from common import clock
from orders.keyboards import LAYOUTS, US
from orders.models import Order
from orders.scan_reading import Wanted, is_garbled, read_code
from orders.selectors import read_scan
from orders.tests.factories import make_order

SECRET = "7YZ0M1Q3W5A9B2C4D6E8FXKVTN"
# The output of a scanner that types https://shop-1.example/c/SECRET/ for a US layout, in other layouts.
TYPED = {
    "German": "httpsÖ--shopß1.example-c-7ZY0M1Q3W5A9B2C4D6E8FXKVTN-",
    "German, Caps Lock": "HTTPSÖ--SHOPß1.EXAMPLE-C-7zy0m1q3w5a9b2c4d6e8fxkvtn-",
    "Swiss": "httpsé--shop'1.example-c-7ZY0M1Q3W5A9B2C4D6E8FXKVTN-",
    "Hungarian": "httpsÉ--shopü1.example-c-7ZYöM1Q3W5A9B2C4D6E8FXKVTN-",
    "French": "httpsM!!shop)&:exq,ple!c!èYWà?&A\"Z(QçBéC'D-E_FXKVTN!",
    "French, Caps Lock": "HTTPSM!!SHOP)&:EXQ?PLE!C!7yw0,1a3z5q9b2c4d6e8fxkvtn!",
    "Belgian": "httpsM==shop)&:exq,ple=c=èYWà?&A\"Z(QçBéC'D§E!FXKVTN=",
    "Czech": 'https"--shop=+.example-c-ýZYéM+QšWřAíBěCčDžEáFXKVTN-',
    "Slovak": 'https"--shop=+.example-c-ýZYéM+QšWťAíBľCčDžEáFXKVTN-',
    "Turkish F": "toopiY,,ithp/1.ğöusplğ,v,7DJ0S1F3G5U9Ç2V4E6Ğ8AÖMCOZ,",
    "Dvorak": 'dyyloSzzodrl[1v.qamln.zjz7F:0M1"3<5A9X2J4E6>8UQTKYBz',
    "Colemak": "hgg;rO//rhy;-1.fxam;if/c/7JZ0M1Q3W5A9B2C4S6F8TXEVGK/",
    "Bépo": 'cèèjuNffuclj="hpyaqjrpfxf+!À*Q"B»É)A/K«X(I@P-EYS:È?f',
    "Russian": "реезыЖ..ырщз-1юучфьзду.с.7НЯ0Ь1Й3Ц5Ф9И2С4В6У8АЧЛМЕТ.",
    "Ukrainian": "реезіЖ..ірщз-1юучфьзду.с.7НЯ0Ь1Й3Ц5Ф9И2С4В6У8АЧЛМЕТ.",
    "Kazakh": 'реезыЖ№№ырщзө"юучфьзду№с№.НЯқЬ"ЙіЦғФұИәСңВ,УүАЧЛМЕТ№',
    "Bulgarian": "гшшзяМббягдз-1лейьпзвебъб7ЩЮ0П1ы3У5ѝ9Ф2Ъ4А6Е8ОЙНЭШХб",
    "Serbian": "хттпсЧ--схоп'1.еџампле-ц-7ЗЖ0М1Љ3Њ5А9Б2Ц4Д6Е8ФЏКВТН-",
    "Hebrew": "יאאפד:..דיםפ-1ץקסשצפךק.ב.7YZ0M1Q3W5A9B2C4D6E8FXKVTN.",
    "Spanish": "httpsÑ--shop'1.example-c-7YZ0M1Q3W5A9B2C4D6E8FXKVTN-",
    "Icelandic": "httpsÆþþshopö1.exampleþcþ7YZ0M1Q3W5A9B2C4D6E8FXKVTNþ",
    "Turkish Q": "httpsŞ..shop*1çexample.c.7YZ0M1Q3W5A9B2C4D6E8FXKVTN.",
    "US": "https://shop-1.example/c/7YZ0M1Q3W5A9B2C4D6E8FXKVTN/",
}
# The same for the address on a packing slip, https://shop-1.example/staff/orders/0YZ1QWA9/.
SLIPS = {
    "German": "httpsÖ--shopß1.example-staff-orders-0ZY1QWA9-",
    "French": "httpsM!!shop)&:exq,ple!stqff!orders!àYW&AZQç!",
    "Russian": "реезыЖ..ырщз-1юучфьзду.ыефаа.щквукы.0НЯ1ЙЦФ9.",
}
THAI = '้ะะยหซฝฝห้นยขๅใำปฟทยสำฝแฝึํ(จ?ๅ๐-"ถฤตฺ/ฉภฏุฎคโ)ษฮธ์ฝ'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("4QX7 K2MD", Wanted(number="4QX7K2MD")),
        (" 4qx7-k2md ", Wanted(number="4QX7K2MD")),
        ("4QX7K2MO", Wanted(number="4QX7K2M0")),
        ("https://shop.example/c/" + "A1" * 13 + "/", Wanted(secret="A1" * 13)),
        ("https://shop.example/ru/c/" + "a1" * 13, Wanted(secret="A1" * 13)),
        ("httpsÖ--shop.example-c-" + "A1" * 13 + "-", Wanted(secret="A1" * 13)),
        ("A1" * 13, Wanted(secret="A1" * 13)),
        ("https://shop.example/staff/orders/4QX7K2MD/", Wanted(number="4QX7K2MD")),
        ("020 555 0112", Wanted(phone="+31205550112")),
        ("+31 (20) 555-01-12", Wanted(phone="+31205550112")),
        ("12345678", Wanted(number="12345678", phone="+3112345678")),
        ("", Wanted()),
        ("555", Wanted()),
        ("Mira Jansen", Wanted()),
        ("' OR 1=1 --", Wanted()),
        ("<script>alert(1)</script>", Wanted()),
        ("A" * 5000, Wanted()),
        ("٤" * 26, Wanted()),
        ("../../c/x", Wanted()),
    ],
)
def test_typed_and_scanned_codes_are_read(settings, text, wanted):
    settings.PHONENUMBER_DEFAULT_REGION = "NL"

    read = read_code(text)

    assert (read.secret, read.number) == (wanted.secret, wanted.number)
    assert not wanted.phone or read.phone in (wanted.phone, "")


def named(monkeypatch, number: str, secret: str = SECRET) -> Order:
    with monkeypatch.context() as patch:
        patch.setattr("orders.numbers.new_number", lambda: number)
        patch.setattr("orders.numbers.new_secret", lambda: secret)
        return make_order(clock.now())


@pytest.fixture
def order(db, settings, monkeypatch):
    settings.SITE_URL = "https://shop-1.example"
    return named(monkeypatch, "0YZ1QWA9")


@pytest.mark.parametrize("keyboard", TYPED)
def test_a_scan_is_read_in_every_layout(order, keyboard):
    assert read_scan(TYPED[keyboard]) == Wanted(secret=SECRET)


@pytest.mark.parametrize("keyboard", SLIPS)
def test_a_slip_is_read_in_every_layout(order, keyboard):
    assert read_scan(SLIPS[keyboard]) == Wanted(number="0YZ1QWA9")


@pytest.mark.parametrize("keyboard", [name for name in TYPED if name != "US"])
def test_a_mangled_scan_without_an_order_finds_nothing(order, keyboard):
    Order.objects.update(collect_secret="0" * 26)

    assert read_scan(TYPED[keyboard]) == Wanted()
    assert is_garbled(TYPED[keyboard])


def test_an_intact_address_is_not_read_in_any_other_layout(order):
    on_german = "https://shop-1.example/c/7ZY0M1Q3W5A9B2C4D6E8FXKVTN/"

    assert read_scan(on_german) == Wanted(secret="7ZY0M1Q3W5A9B2C4D6E8FXKVTN")


def test_a_code_without_its_address_is_not_read_in_any_other_layout(order):
    assert read_scan("7ZY0M1Q3W5A9B2C4D6E8FXKVTN") == Wanted(secret="7ZY0M1Q3W5A9B2C4D6E8FXKVTN")


def test_a_scan_that_may_mean_two_orders_finds_neither(order, monkeypatch):
    named(monkeypatch, "0ZY1QWA9", "0" * 26)

    assert read_scan(SLIPS["German"]) == Wanted()
    assert is_garbled(SLIPS["German"])


def test_an_unknown_layout_is_recognised_by_the_length_of_the_address(order):
    assert read_scan(THAI) == Wanted()
    assert is_garbled(THAI)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4QX7K2MD",
        SECRET,
        TYPED["US"],
        "https://shop-1.example/loyalty/7YZ0M1Q3W5A9B2C4D6E8FX",
        "WIFI:T:WPA;S:Canal;P:croissant;;",
        "Mira Jansen",
        "A" * 5000,
    ],
)
def test_an_intact_code_is_not_called_mangled(settings, text):
    settings.SITE_URL = "https://shop-1.example"

    assert not is_garbled(text)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_has_a_character_for_each_key(layout):
    assert [len(row) for row in LAYOUTS[layout]] == [len(row) for row in US] == [45, 45]
