"""Questions on a terminal: each is repeated until its answer is valid; valid answers are kept."""

import getpass
from collections.abc import Callable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.emails import EmailField
from accounts.models import User
from accounts.selectors import find_by_email
from common.typed_text import clean_text
from storefront.services.setup import Owner

Say = Callable[[str], None]


def ask_owner(say: Say) -> Owner:
    """Ask for the email, name and password of an owner. Raises EOFError at the end of the input."""
    email = _ask("Email: ", _read_email, say)
    name = _ask("Name: ", _read_name, say)
    password = ask_password(User(email=email, name=name), say)
    return Owner(email, password, name or email)


def ask_password(user: User, say: Say) -> str:
    """Ask for a password for `user`, twice, because it is not shown."""
    while True:
        password = getpass.getpass("Password: ")
        try:
            validate_password(password, user)
        except ValidationError as error:
            say(" ".join(error.messages))
            continue
        if getpass.getpass("The same password again: ") == password:
            return password
        say("The two passwords differ.")


def _ask(question: str, read: Callable[[str], str], say: Say) -> str:
    while True:
        try:
            return read(input(question))
        except ValidationError as error:
            say(" ".join(error.messages))


def _read_email(text: str) -> str:
    email = EmailField().clean(text)
    if find_by_email(email) is not None:
        raise ValidationError(f"{email} already has an account, and an account has one role; use a different address.")
    return email


def _read_name(text: str) -> str:
    return User._meta.get_field("name").clean(clean_text(text), None)
