"""No text message goes to a number that charges for it."""

import pytest

from accounts.models import PhoneCode, User
from accounts.phone_codes import new_salt
from accounts.phones import is_costly
from accounts.services.outgoing import TEXT_CODE, mail
from accounts.tests.factories import make_customer
from accounts.tests.test_phone import SEND, deliver, pocket
from common.models import ThrottleCount

__all__ = ["pocket"]
pytestmark = pytest.mark.django_db
SENTENCE = "We can’t send text messages to this kind of number. Enter a mobile number."


@pytest.fixture(autouse=True)
def _clock(stopped_clock):
    """Stop the clock."""


@pytest.fixture
def mila(client):
    user = make_customer()
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+319061234", True),  # the Netherlands, premium rate
        ("+449012345678", True),  # Great Britain, premium rate
        ("+4918012345", True),  # Germany, shared cost
        ("+33884012345", True),  # France, shared cost
        ("+19002345678", True),  # North America, premium rate
        ("+447012345678", True),  # Great Britain, personal number
        ("+447600123456", True),  # Great Britain, pager
        ("+881612345678", True),  # satellite, for the library a mobile
        ("+88216123456", True),  # satellite
        ("+883510012345678", True),  # a network of no country
        ("+80012345678", True),  # of no country, free of charge
        ("+979123456789", True),  # of no country, premium rate
        ("+886912345678", False),  # Taiwan, mobile
        ("+8801712345678", False),  # Bangladesh, mobile
        ("+447400123456", False),  # Great Britain, mobile
        ("+31612345678", False),  # mobile
        ("+31205550142", False),  # fixed line
        ("+12025550142", False),  # fixed line or mobile
        ("+3197012345678", False),  # machine to machine
        ("+31858123456", False),  # voice over IP
        ("+318001234", False),  # free of charge
    ],
)
def test_the_kind_of_a_number_is_known(number, expected):
    assert is_costly(number) is expected


@pytest.mark.parametrize("number", ["+319061234", "+4918012345", "+447012345678", "+881612345678"])
def test_a_code_to_a_costly_number_is_refused_with_a_sentence(client, mila, pocket, at, number):
    User.objects.filter(pk=mila.pk).update(phone=number)

    refused = client.post(SEND)
    deliver(at)

    assert refused.status_code == 409
    assert SENTENCE in refused.content.decode()
    assert pocket.sent == []
    assert not PhoneCode.objects.exists()
    assert ThrottleCount.objects.count() == 2  # of the account and the network; none of the number


def test_a_code_that_waits_for_a_costly_number_is_not_sent(mila, pocket, at):
    row = PhoneCode.objects.create(user=mila, phone="+319061234", salt=new_salt(), created_at=at)
    mail(event=TEXT_CODE, subject_id=row.pk, at=at)

    deliver(at)

    assert pocket.sent == []


def test_the_number_can_be_kept_for_calls(client, mila):
    assert client.post("/account/phone/", {"phone": "+31 90 61 234"}).status_code == 303
    assert str(User.objects.get(pk=mila.pk).phone) == "+319061234"
