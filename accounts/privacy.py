"""The personal data of people with an account."""

from common.registry import PersonalField, personal

ACCOUNT = "while the account exists"

personal(
    PersonalField("accounts.User", "email", "signing in and mail about orders", ACCOUNT, "set to NULL"),
    PersonalField("accounts.User", "phone", "signing in and being found at the counter", ACCOUNT, "set to NULL"),
    PersonalField("accounts.User", "phone_verified_at", "bonuses by phone need a proven one", ACCOUNT, "set to NULL"),
    PersonalField("accounts.User", "name", "greeting and the order's contact", ACCOUNT, "set to NULL"),
    PersonalField("account.EmailAddress", "email", "proof that the mailbox is theirs", ACCOUNT, "row deleted"),
)
