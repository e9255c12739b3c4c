"""Limits on the size of requests; the settings give them for each prefix."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bytes of one request. `upload` is for forms with files; 0: no file is taken.

    With `any_type` the view reads and checks the raw body itself, whatever its type; with `only_json` no
    form is taken.
    """

    body: int
    upload: int = 0
    any_type: bool = False
    only_json: bool = False
