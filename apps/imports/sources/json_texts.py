"""JSON of strangers: at most 32 levels deep, numbers that can be stored, else a clear answer (IM7)."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from apps.common.errors import ValidationError
from apps.imports.sources.texts import BROKEN, beginning, clean, decoded, too_many, unsupported

MAX_DEPTH = 32  # levels of lists and objects
MOST_VALUES = 1_000_000  # of a file, where nothing else is known
MAX_DIGITS = 100  # of a whole number; longer ones are kept as the text that they are
BLANKS = re.compile(r"[ \t\r\n]*")
UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")  # an escape that may be one, or half of a good pair
START = re.compile(r'[\[{\s]*[\[{]\s*["\]}]')
# A text, also one that does not end, or a bracket. No part is read twice: the time grows with the length alone.
TOKENS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)


def read_json(data: bytes) -> Any:
    """Return the value in a JSON file; ValidationError `unsupported_file` at /file for what is none.

    Of a member that an object has twice the last one counts. NaN and Infinity are no JSON.
    """
    return parsed(decoded(data))


def read_json_values(data: bytes, *, most: int) -> list[Any]:
    """Return the values of a file that has one or several, like JSON by lines or pages behind one another.

    ValidationError at /file: `unsupported_file` for what is no JSON, `too_many` for more than `most` values.
    """
    text = decoded(data)
    values: list[Any] = []
    at = _after_blanks(text, 0)
    while at < len(text) or not values:
        if len(values) == most:
            raise too_many(most)
        value, at = _value_at(text, at, is_first=not values)
        values.append(value)
        at = _after_blanks(text, at)
    return values


def is_meant_as_json(data: bytes) -> bool:
    """Return whether a file begins like JSON with objects or lists, be it whole or not; raises nothing."""
    return START.match(beginning(data)[:1000]) is not None


def first_object(data: bytes) -> dict[str, Any]:
    """Return the first object of a file that begins like JSON, without a look at the rest; raises nothing."""
    if not is_meant_as_json(data):
        return {}
    try:
        text = decoded(data)
        return object_of(DECODER.raw_decode(text, max(text.find("{"), 0))[0])
    except (ValidationError, ValueError, RecursionError):
        return {}


def parsed(text: str) -> Any:
    """Return the value of a JSON text, as `read_json`."""
    value, end = _value_at(text, _after_blanks(text, 0))
    if _after_blanks(text, end) < len(text):
        raise unsupported("The file is not JSON: there is something after its end.")
    return value


def _value_at(text: str, at: int, *, is_first: bool = True) -> tuple[Any, int]:
    """Return the value that begins there, and where it ends; the depth of the whole text is checked at the first."""
    if is_first and text.count("[") + text.count("{") > MAX_DEPTH and depth_of(text) > MAX_DEPTH:
        raise unsupported(f"The JSON is more than {MAX_DEPTH} levels deep.")
    try:
        value, end = DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise unsupported(f"The file is not JSON: {error.msg} in line {error.lineno}.") from None
    return storable(value) if UNSTORABLE.search(text, at, end) else value, end


def _after_blanks(text: str, at: int) -> int:
    found = BLANKS.match(text, at)
    return found.end() if found else at


def storable(value: Any) -> Any:
    """Return a value without what the database cannot keep: NUL, and halves of characters."""
    if isinstance(value, str):
        return BROKEN.sub("", value)
    if isinstance(value, list):
        return [storable(each) for each in value]
    if isinstance(value, dict):
        return {BROKEN.sub("", name): storable(each) for name, each in value.items()}
    return value


def depth_of(text: str) -> int:
    """Return how deep lists and objects stand in one another, brackets in texts not counted."""
    depth = deepest = 0
    for found in TOKENS.finditer(text):
        first = text[found.start()]
        if first in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first != '"':
            depth -= 1
    return deepest


def text_of(value: Any) -> str:
    """Return a member that should be a text, without what cannot be stored; of other things only numbers are texts."""
    if isinstance(value, str):
        return clean(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def list_of(value: Any) -> list[Any]:
    """Return a member that should be a list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def object_of(value: Any) -> dict[str, Any]:
    """Return a member that should be an object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects_of(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a member that should be a list of them."""
    return [each for each in list_of(value) if isinstance(each, dict)]


def _whole(text: str) -> int | str:
    return int(text) if len(text) <= MAX_DIGITS else text


def _fraction(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _constant(text: str) -> NoReturn:
    raise unsupported(f"The file is not JSON: {text} is not a number.")


DECODER = json.JSONDecoder(parse_int=_whole, parse_float=_fraction, parse_constant=_constant)
