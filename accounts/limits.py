"""Limits on signing in, signing up and having emails sent."""

from common.throttle import declare

SIGN_IN = declare(
    "sign-in",
    amount=5,
    seconds=300,
    per="account (or email or phone, if there is no account)",
    counts="wrong passwords at sign-in, before a change, and as the current password",
)
SIGN_IN_NETWORK = declare(
    "sign-in-network", amount=10, seconds=60, per="network address", counts="wrong passwords for any account"
)
SECOND_FACTOR = declare(
    "second-factor", amount=5, seconds=300, per="account", counts="wrong codes of the second factor"
)
SECOND_FACTOR_DAY = declare(
    "second-factor-day",
    amount=20,
    seconds=86400,
    per="account",
    counts="wrong codes at sign-in; the person is told by email",
)
SIGN_UP = declare("sign-up", amount=20, seconds=60, per="network address", counts="accounts asked for")
LINK = declare("link", amount=20, seconds=60, per="network address", counts="links asked for, of any kind")
CHANGE_EMAIL = declare(
    "change-email", amount=10, seconds=3600, per="account", counts="changes of the email address asked for"
)
CONFIRM_MAIL = declare(
    "confirm-mail", amount=5, seconds=3600, per="mailbox", counts="emails to confirm an address; no more are sent"
)
RESET_MAIL = declare(
    "reset-mail", amount=5, seconds=3600, per="mailbox", counts="emails to choose a password; no more are sent"
)
INVITE_MAIL = declare(
    "invite-mail",
    amount=5,
    seconds=3600,
    per="mailbox",
    counts="links to choose a password that an owner sends to staff",
)
EXPORT = declare("export", amount=10, seconds=3600, per="account", counts="downloads of all one's data")
COUNTER = declare(
    "counter",
    amount=40,
    seconds=3600,
    per="staff member",
    counts="customers registered or looked up by phone at the counter, found or not",
)
TEXT_PHONE = declare("text-phone", amount=3, seconds=3600, per="phone number", counts="codes texted to it")
TEXT_ACCOUNT = declare("text-account", amount=5, seconds=3600, per="account", counts="codes asked for")
TEXT_NETWORK = declare("text-network", amount=20, seconds=3600, per="network address", counts="codes asked for")
