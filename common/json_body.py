"""Reading untrusted JSON: only values a database can store, and no deeper than needed."""

import json
import math
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 32
# No column holds a number of more digits.
MAX_DIGITS = 18


def read_json(body: bytes) -> Any:
    """Return the parsed body. Raises ValueError: not JSON, too deep, a NUL, half a character, a number too long."""
    try:
        data = json.loads(body.decode(), parse_constant=_refuse_constant, parse_int=_bounded)
    except RecursionError as error:
        raise ValueError("The JSON is nested too deeply.") from error
    for value, depth in _walk(data):
        if depth > MAX_DEPTH:
            raise ValueError("The JSON is nested too deeply.")
        if isinstance(value, str):
            _check_text(value)
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("A number is not finite.")
    return data


def _walk(data: Any) -> Iterator[tuple[Any, int]]:
    """Yield every value with its depth, names of members too."""
    waiting = [(data, 1)]
    while waiting:
        value, depth = waiting.pop()
        yield value, depth
        if isinstance(value, dict):
            waiting += [(inner, depth + 1) for pair in value.items() for inner in pair]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value]


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON.")


def _bounded(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise ValueError("A number has too many digits.")
    return int(text)


def _check_text(text: str) -> None:
    text.encode()
    if "\0" in text:
        raise ValueError("A text holds a NUL.")
