"""The personal data of people with an account."""

from common.registry import PersonalField, personal

ACCOUNT = "while the account exists"
LINK = "until it is used, at most three days"

personal(
    PersonalField("accounts.User", "email", "signing in and mail about orders", ACCOUNT, "set to NULL"),
    PersonalField("accounts.User", "phone", "signing in and being found at the counter", ACCOUNT, "set to NULL"),
    PersonalField("accounts.User", "phone_verified_at", "bonuses by phone need a verified one", ACCOUNT, "set to NULL"),
    PersonalField("accounts.User", "name", "greeting and the order's contact", ACCOUNT, "set to NULL"),
    PersonalField("accounts.SignUp", "email", "sending the link that confirms it", LINK, "row deleted"),
    PersonalField("accounts.SignUp", "name", "the account that a confirmed sign-up becomes", LINK, "row deleted"),
    PersonalField("accounts.SignUp", "phone", "the account that a confirmed sign-up becomes", LINK, "row deleted"),
    PersonalField("accounts.MailRequest", "email", "sending the link that was asked for", LINK, "row deleted"),
    PersonalField("account.EmailAddress", "email", "proof that the mailbox is theirs", ACCOUNT, "row deleted"),
)
