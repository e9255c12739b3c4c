"""The personal data of people with an account."""

import datetime as dt
from collections.abc import Iterable

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from accounts.models import Address, AuditEntry, CourierApplication, Notice, Registration, User, UserSession
from accounts.services.addresses import erase_addresses
from common.registry import PersonalField, Row, erases, exports, personal

ACCOUNT = "while the account exists"
APPLICATION = "half a year after a refusal, else while the account exists"
LINK = "until it is used, at most three days"

personal(
    PersonalField("accounts.User", "email", "signing in and mail about orders", ACCOUNT, "set to NULL"),
    PersonalField("accounts.User", "phone", "signing in and being found at the counter", ACCOUNT, "set to NULL"),
    PersonalField(
        "accounts.User", "phone_verified_at", "signing in by phone; bonuses by phone", ACCOUNT, "set to NULL"
    ),
    PersonalField("accounts.User", "name", "greeting and the order's contact", ACCOUNT, "set to NULL"),
    PersonalField("accounts.User", "news_agreed_at", "sending news by email", "until it is withdrawn", "set to NULL"),
    PersonalField("accounts.User", "password", "signing in; a hash", ACCOUNT, "made unusable"),
    PersonalField(
        "accounts.User", "last_login", "telling whether a refused applicant came back", ACCOUNT, "set to NULL"
    ),
    PersonalField("accounts.SignUp", "email", "sending the link that confirms it", LINK, "row deleted"),
    PersonalField("accounts.SignUp", "name", "the account that a confirmed sign-up becomes", LINK, "row deleted"),
    PersonalField("accounts.SignUp", "phone", "the account that a confirmed sign-up becomes", LINK, "row deleted"),
    PersonalField("accounts.SignUp", "password", "the account that it becomes; a hash", LINK, "row deleted"),
    PersonalField("accounts.CourierApplication", "message", "an owner's decision about it", APPLICATION, "row deleted"),
    PersonalField("accounts.CourierApplication", "reason", "telling why it was refused", APPLICATION, "row deleted"),
    PersonalField("accounts.PhoneCode", "phone", "texting the code that verifies it", "ten minutes", "row deleted"),
    PersonalField("accounts.MailRequest", "email", "sending the link that was asked for", LINK, "row deleted"),
    PersonalField("accounts.Notice", "email", "taking an account back from somebody else", "seven days", "row deleted"),
    *(
        PersonalField("accounts.Address", name, "having things sent there", ACCOUNT, "row deleted")
        for name in ("label", "recipient", "street", "details", "postcode", "city", "note")
    ),
    PersonalField("accounts.UserSession", "device", "telling one's sessions apart", "as the session", "row deleted"),
    PersonalField("accounts.UserSession", "session_data", "staying signed in", "as the session", "row deleted"),
    *(
        PersonalField("accounts.UserSession", name, "showing where one is signed in", "as the session", "row deleted")
        for name in ("began_at", "used_at")
    ),
    PersonalField("mfa.Authenticator", "data", "checking codes at sign-in", "until it is turned off", "row deleted"),
    *(
        PersonalField("mfa.Authenticator", name, "showing since when it is on", "until it is turned off", "row deleted")
        for name in ("created_at", "last_used_at")
    ),
    PersonalField("account.EmailConfirmation", "key", "nothing: links are signed instead", "never kept", "row deleted"),
    PersonalField(
        "accounts.Registration",
        "actor_label",
        "who registered the customer",
        "while the account exists, and after it",
        "replaced by the role",
    ),
    PersonalField("accounts.AuditEntry", "actor_label", "who did what", "as the audit", "replaced by the role"),
    PersonalField("accounts.CourierApplication", "decided_label", "who decided", APPLICATION, "row deleted"),
    PersonalField(
        "accounts.AuditEntry",
        "reason",
        "why somebody looked at a phone or email",
        "guests' for RETENTION_MONTHS, customers' while the account exists",
        "own words blanked",
    ),
    PersonalField("account.EmailAddress", "email", "proof that the mailbox is theirs", ACCOUNT, "row deleted"),
)


@exports("account")
def account(user_id: int) -> Iterable[Row]:
    """The account itself."""
    columns = (
        "email", "name", "phone", "phone_verified_at", "language", "news_agreed_at", "date_joined", "last_login",
    )  # fmt: skip
    for row in User.objects.filter(pk=user_id).values(*columns):
        yield {**row, "phone": str(row["phone"] or "")}


@exports("email_addresses")
def email_addresses(user_id: int) -> Iterable[Row]:
    """Addresses of the account, also one that waits to be confirmed."""
    return EmailAddress.objects.filter(user=user_id).order_by("pk").values("email", "verified", "primary")


@exports("notices")
def notices(user_id: int) -> Iterable[Row]:
    """Emails that told of changes to the account, while their links work."""
    return Notice.objects.filter(user=user_id).order_by("pk").values("email", "created_at")


@exports("addresses")
def addresses(user_id: int) -> Iterable[Row]:
    """Addresses that are kept."""
    return (
        Address.objects.filter(user=user_id)
        .order_by("pk")
        .values("label", "recipient", "street", "details", "postcode", "city", "note", "is_usual", "created_at")
    )


@exports("sessions")
def sessions(user_id: int) -> Iterable[Row]:
    """Browsers and apps that are signed in."""
    begun = UserSession.objects.filter(user=user_id, began_at__isnull=False)
    return begun.order_by("began_at", "pk").values("began_at", "used_at", "device")


@exports("second_factor")
def second_factor(user_id: int) -> Iterable[Row]:
    """Since when codes are asked for at sign-in; never their secrets."""
    found = Authenticator.objects.filter(user=user_id).order_by("pk")
    return found.values("type", "created_at", "last_used_at")


@exports("account_history")
def account_history(user_id: int) -> Iterable[Row]:
    """What the person did that was recorded, such as a new password, or consent to news and its withdrawal."""
    return AuditEntry.objects.filter(actor=user_id).order_by("pk").values("at", "action", "note")


@erases(rank=3, left=lambda user_id: Address.objects.filter(user=user_id).exists())
def kept_addresses(user_id: int, at: dt.datetime) -> Iterable[str]:
    """Addresses go with their owner; orders that were sent there keep theirs as books."""
    erase_addresses(user_id=user_id)
    return ()


@exports("registrations")
def registrations(user_id: int) -> Iterable[Row]:
    """What the person agreed to when they were registered at the counter. Kept with the row of the account.

    Whether they agree to news now is in the account.
    """
    found = Registration.objects.filter(user=user_id).order_by("pk")
    return found.values("at", "way", "agreed_to_account", "agreed_to_news")


@exports("courier_applications")
def courier_applications(user_id: int) -> Iterable[Row]:
    """An application to deliver, and what became of it."""
    found = CourierApplication.objects.filter(user=user_id).order_by("pk")
    return found.values("created_at", "message", "state", "reason", "decided_at")
