"""One's own phone: a number that is not verified opens nothing, and a code verifies it within narrow limits."""

import datetime as dt
import logging

import pytest
from django.test import Client

from accounts import limits
from accounts.models import AuditEntry, PhoneCode, User
from accounts.phone_codes import code_of
from accounts.selectors import find_by_login
from accounts.services.sign_up import purge_requests
from accounts.services.verify_phone import CodeGone, WrongCode, enter_code
from accounts.sms import registry
from accounts.sms.base import SmsRefused, SmsSender
from accounts.tests.factories import PASSWORD, make_customer, make_staff
from accounts.tests.helpers import is_signed_in, sign_in
from common.actors import SETUP
from common.models import OutboxMessage
from common.outbox.services import Lane, deliver_due
from tests.sessions import Beside, holding

pytestmark = pytest.mark.django_db
PAGE, SEND, CHECK = "/account/phone/", "/account/phone/code/", "/account/phone/check/"
PHONE = "+31612345678"


class Pocket(SmsSender):
    """Keeps what it is given."""

    code = "pocket"
    sent: list[tuple[str, str, str]] = []
    fails: Exception | None = None

    def send(self, *, to: str, text: str, key: str) -> None:
        if self.fails:
            raise self.fails
        self.sent.append((to, text, key))


@pytest.fixture
def pocket(monkeypatch, settings):
    monkeypatch.setattr(registry, "KNOWN", [Pocket])
    monkeypatch.setattr(Pocket, "sent", [])
    monkeypatch.setattr(Pocket, "fails", None)
    settings.SMS_SENDER = "pocket"
    return Pocket


@pytest.fixture(autouse=True)
def _clock(stopped_clock):
    """Stop the clock."""


@pytest.fixture
def mila() -> User:
    return make_customer(email="mila@example.com", phone=PHONE)


@pytest.fixture
def client(mila) -> Client:
    browser = Client()
    browser.force_login(mila)
    return browser


def deliver(at) -> None:
    deliver_due(at=at, lane=Lane.TEXT)


def sent_code(client, pocket, at) -> str:
    """Have a code sent; return it."""
    client.post(SEND)
    deliver(at)
    return pocket.sent[-1][1][:6]


def is_verified(user) -> bool:
    user.refresh_from_db()
    return user.phone_verified_at is not None


# --- What an unverified number does not do ---------------------------------------------------------


def test_a_number_signs_in_only_once_it_is_verified(client, pocket, mila, at):
    refused = sign_in(Client(), PHONE, PASSWORD)
    client.post(CHECK, {"code": sent_code(client, pocket, at)})
    visitor = Client()

    assert refused.status_code == 422
    assert sign_in(visitor, "06 1234 5678", PASSWORD).status_code == 303
    assert is_signed_in(visitor)


def test_a_number_that_others_entered_too_finds_its_owner_only(mila, at):
    make_customer(phone=PHONE, password=PASSWORD), make_customer(phone=PHONE)
    owner = make_customer(verified_phone=PHONE)

    assert find_by_login(PHONE) == owner


def test_a_new_number_is_not_verified_and_the_old_one_does_not_sign_in_any_more(client, mila, at):
    User.objects.filter(pk=mila.pk).update(phone_verified_at=at)

    response = client.post(PAGE, {"phone": "020 555 0142"})

    assert (response.status_code, response["Location"]) == (303, PAGE)
    mila.refresh_from_db()
    assert (str(mila.phone), mila.phone_verified_at) == ("+31205550142", None)
    assert find_by_login(PHONE) is None
    assert AuditEntry.objects.get(action="account.phone_changed").target == f"user:{mila.pk}"


def test_the_same_number_in_another_spelling_stays_verified(client, mila, at):
    User.objects.filter(pk=mila.pk).update(phone_verified_at=at)

    client.post(PAGE, {"phone": "(06) 12-34-56-78"})

    assert is_verified(mila)
    assert not AuditEntry.objects.filter(action="account.phone_changed").exists()


def test_a_number_can_be_taken_away(client, mila):
    client.post(PAGE, {"phone": ""})

    mila.refresh_from_db()
    assert mila.phone is None


@pytest.mark.parametrize("typed", ["12", "not a phone", "+31 20 555 0142 ext. 7", "9" * 500])
def test_a_bad_number_is_explained_kept_and_changes_nothing(client, mila, typed):
    response = client.post(PAGE, {"phone": typed})

    assert response.status_code == 422
    mila.refresh_from_db()
    assert str(mila.phone) == PHONE


# --- The code --------------------------------------------------------------------------------------


def test_the_code_is_texted_to_the_number_and_stands_in_no_row(client, pocket, mila, at):
    code = sent_code(client, pocket, at)

    [(to, text, _key)] = pocket.sent
    assert to == PHONE
    assert code.isdecimal() and text.endswith("It works for ten minutes. Tell it to nobody.")
    message = OutboxMessage.objects.get(event="account.text_code")
    assert set(message.payload) == {"id", "language"}
    assert code not in str(PhoneCode.objects.values_list().get())
    assert code_of(PhoneCode.objects.get()) == code


def test_the_code_is_read_as_people_type_it(client, pocket, mila, at):
    code = sent_code(client, pocket, at)
    arabic = "".join(chr(0x660 + int(digit)) for digit in code)

    response = client.post(CHECK, {"code": f" {arabic[:3]}-{arabic[3:]}\u200b"})

    assert (response.status_code, response["Location"]) == (303, PAGE)
    assert is_verified(mila)
    assert not PhoneCode.objects.exists()
    assert "Verified" in client.get(PAGE).content.decode()
    assert AuditEntry.objects.filter(action="account.phone", target=f"user:{mila.pk}", actor=mila).count() == 1


def test_a_code_works_once(client, pocket, mila, at):
    code = sent_code(client, pocket, at)
    client.post(CHECK, {"code": code})
    client.post(PAGE, {"phone": "020 555 0142"})
    client.post(PAGE, {"phone": PHONE})

    assert client.post(CHECK, {"code": code}).status_code == 409
    assert not is_verified(mila)


@pytest.mark.parametrize(("age", "status"), [(599, 303), (600, 409), (86400, 409)])
def test_a_code_works_for_ten_minutes(client, pocket, mila, at, stopped_clock, age, status):
    code = sent_code(client, pocket, at)
    stopped_clock(at + dt.timedelta(seconds=age))

    assert client.post(CHECK, {"code": code}).status_code == status
    assert is_verified(mila) is (status == 303)


def test_five_attempts_use_a_code_up(client, pocket, mila, at):
    code = sent_code(client, pocket, at)
    wrong = f"{(int(code) + 1) % 10**6:06}"

    answers = [client.post(CHECK, {"code": wrong}) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [422] * 4 + [409]
    assert "You can try 4 more times." in answers[0].content.decode()
    assert client.post(CHECK, {"code": code}).status_code == 409
    assert not is_verified(mila)


@pytest.mark.django_db(transaction=True)
def test_attempts_made_at_once_stay_within_the_limit(pocket, mila, at):
    row = PhoneCode.objects.create(user=mila, phone=PHONE, salt="0" * 32, created_at=at)
    wrong = f"{(int(code_of(row)) + 1) % 10**6:06}"

    with holding(row):
        rivals = [Beside(lambda: enter_code(user_id=mila.pk, typed=wrong, actor=SETUP, at=at)) for _ in range(8)]
        for rival in rivals:
            rival.wait_until_blocked()
    outcomes = [outcome_of(rival) for rival in rivals]

    row.refresh_from_db()
    assert row.attempts == 5
    assert outcomes.count(WrongCode) <= 5 and set(outcomes) == {WrongCode, CodeGone}
    with pytest.raises(CodeGone):
        enter_code(user_id=mila.pk, typed=code_of(row), actor=SETUP, at=at)


def outcome_of(rival: Beside) -> type[Exception] | None:
    try:
        rival.join()
    except (WrongCode, CodeGone) as error:
        return type(error)
    return None


def test_a_code_of_another_account_or_number_is_wrong(client, pocket, mila, at):
    other = make_customer(phone=PHONE)
    browser = Client()
    browser.force_login(other)
    theirs = sent_code(browser, pocket, at)
    mine = sent_code(client, pocket, at)

    assert theirs == mine or client.post(CHECK, {"code": theirs}).status_code == 422
    client.post(PAGE, {"phone": "020 555 0142"})
    assert client.post(CHECK, {"code": mine}).status_code == 409


def test_a_new_code_replaces_the_one_before(client, pocket, mila, at):
    first = sent_code(client, pocket, at)
    second = sent_code(client, pocket, at)

    assert first == second or client.post(CHECK, {"code": first}).status_code == 422
    assert client.post(CHECK, {"code": second}).status_code == 303


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "1" * 5000, "\u202e"])
def test_what_is_no_code_verifies_nothing(client, pocket, mila, at, typed):
    sent_code(client, pocket, at)

    assert client.post(CHECK, {"code": typed}).status_code == 422
    assert not is_verified(mila)


def test_codes_are_limited_for_the_number_whoever_asks(client, pocket, mila, at):
    other = Client()
    other.force_login(make_customer(phone=PHONE))

    answers = [client.post(SEND).status_code for _ in range(2)] + [other.post(SEND).status_code for _ in range(2)]
    deliver(at)

    assert answers == [303, 303, 303, 429]
    assert other.post(SEND).headers["Retry-After"] == "3600"
    # The first was replaced before it was delivered.
    assert len(pocket.sent) == 2


@pytest.mark.parametrize(("limit", "amount"), [(limits.TEXT_ACCOUNT, 5), (limits.TEXT_NETWORK, 20)])
def test_codes_are_limited_for_the_account_and_the_network(pocket, limit, amount):
    users = [make_customer() for _ in range(1 if limit is limits.TEXT_ACCOUNT else amount + 1)]
    answers = []
    for number in range(amount + 1):
        user = users[number % len(users)]
        User.objects.filter(pk=user.pk).update(phone=f"+3120555{number:04}")
        browser = Client()
        browser.force_login(user)
        answers.append(browser.post(SEND).status_code)

    assert answers == [303] * amount + [429]


def test_the_newest_proof_counts_and_the_account_before_is_told(client, pocket, mila, at, mailoutbox):
    before = make_customer(email="before@example.com", verified_phone=PHONE)

    client.post(CHECK, {"code": sent_code(client, pocket, at)})
    deliver_due(at=at, lane=Lane.MAIL)

    assert is_verified(mila) and not is_verified(before)
    assert str(before.phone) == PHONE
    assert find_by_login(PHONE) == mila
    [message] = mailoutbox
    assert message.to == ["before@example.com"] and "mila" not in message.body and "https://" not in message.body
    assert AuditEntry.objects.filter(action="account.phone_lost", target=f"user:{before.pk}").count() == 1


# --- Sending ---------------------------------------------------------------------------------------


def test_without_a_sender_no_code_is_offered(client, settings, mila):
    settings.SMS_SENDER = ""

    page = client.get(PAGE).content.decode()

    assert "Send me a code" not in page and "at one of our counters" in page
    assert client.post(SEND).status_code == 409
    assert not PhoneCode.objects.exists()


def test_a_code_delivered_late_is_not_sent(client, pocket, at):
    client.post(SEND)

    deliver(at + dt.timedelta(minutes=10))

    assert pocket.sent == []
    assert OutboxMessage.objects.get(event="account.text_code").done_at is not None


@pytest.mark.parametrize(("error", "is_done"), [(SmsRefused(f"no such number {PHONE}"), True), (OSError(PHONE), False)])
def test_a_sender_that_fails_leaves_no_number_in_logs_or_rows(client, pocket, at, caplog, monkeypatch, error, is_done):
    monkeypatch.setattr(pocket, "fails", error)
    client.post(SEND)

    with caplog.at_level(logging.DEBUG):
        deliver(at)

    message = OutboxMessage.objects.get(event="account.text_code")
    assert (message.done_at is not None, PHONE in message.last_error) == (is_done, False)
    assert PHONE not in caplog.text and "612345678" not in caplog.text


def test_the_console_writes_a_file_that_only_its_owner_reads_and_logs_no_number(client, settings, tmp_path, at, caplog):
    settings.SMS_SENDER, settings.VAR_DIR = "console", tmp_path
    client.post(SEND)

    with caplog.at_level(logging.DEBUG):
        deliver(at)

    [file] = (tmp_path / "sms").iterdir()
    assert file.read_text().startswith(f"{PHONE}\n") and code_of(PhoneCode.objects.get()) in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert PHONE not in caplog.text and code_of(PhoneCode.objects.get()) not in caplog.text


def test_codes_are_deleted_when_they_do_not_work_any_more(client, pocket, at):
    client.post(SEND)

    assert purge_requests(at=at + dt.timedelta(minutes=9)) == 0
    assert purge_requests(at=at + dt.timedelta(minutes=11)) == 1
    assert not PhoneCode.objects.exists()


def test_a_phone_that_an_owner_enters_for_staff_is_verified(at):
    anna = make_staff("employee", phone="06 87654321")

    assert anna.phone_verified_at == at
    assert find_by_login("0687654321") == anna
