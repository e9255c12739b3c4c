"""The interface of every sender of text messages. No HTTP here."""

from abc import ABC, abstractmethod
from typing import ClassVar

from django.conf import settings

from common.variables import Setting

# Exceptions that reading somebody else's answer or a broken connection may raise; they count as SmsUnavailable.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)


class SmsRefused(Exception):
    """The provider understood the request and will never deliver to this number: asking again changes nothing."""


class SmsUnavailable(Exception):
    """No clear answer: the message is tried again."""


class SmsSender(ABC):
    """One way to send a text message. No call may take longer than `seconds`.

    Exceptions never name the number or the text: they are logged and kept.
    """

    # Lower-case letters, digits and underscores: the value of SMS_SENDER.
    code: ClassVar[str]
    # False for a sender that reaches nobody: production refuses it.
    is_real: ClassVar[bool] = True
    variables: ClassVar[tuple[Setting, ...]] = ()

    @staticmethod
    def setting(name: str) -> str:
        """Return the value of one of `variables`."""
        return getattr(settings, name)

    def __init__(self, *, seconds: float = 5) -> None:
        self.seconds = seconds

    @abstractmethod
    def send(self, *, to: str, text: str, key: str) -> None:
        """Hand over a message for `to` (E.164); the same `key` is the same message, sent once if the provider can.

        Raises SmsRefused for a number that cannot be reached, SmsUnavailable if there is no clear answer; exceptions
        from reading an answer (UNREADABLE) count as the latter.
        """
