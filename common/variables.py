"""Environment variables that pluggable parts need: gateways of payments, senders of text messages."""

from dataclasses import dataclass

from common import reading


@dataclass(frozen=True)
class Setting:
    """An environment variable that a gateway or sender needs; it becomes a Django setting of the same name.

    Without a `default` the shop does not start until it is set. `shortest` is for secrets that the shop's owner
    generates. `read` refuses a value that cannot be used.
    """

    name: str
    meaning: str
    default: str = ""
    is_secret: bool = False
    shortest: int = 0
    read: reading.Reader = reading.text
