"""Keys that sort bytewise, with room for others between any two (fractional indexing in base 62).

A key is a number of eight digits and perhaps more digits behind them, a fraction that never ends in `0`. New ends are
a step away, so that thousands of appended tasks need no fraction; migration 0011_rank has the same numbers in SQL.
"""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase, digits

DIGITS = digits + ascii_uppercase + ascii_lowercase  # in the order of their bytes
BASE = len(DIGITS)
WIDTH = 8
STEP = BASE**2  # twelve halvings before a key grows
MIDDLE = BASE**WIDTH // 2
LENGTH_MAX = 40  # characters; what would be longer has its neighbours spaced again (contract RK8)


def keys_between(low: str | None, high: str | None, count: int = 1) -> list[str]:
    """Return `count` rising keys, evenly spaced, above `low` and below `high`; None is the end of the order.

    They are as short as the space allows. Raises ValueError unless `low` < `high`.
    """
    if low is not None and high is not None and low >= high:
        raise ValueError(f"{low!r} is not below {high!r}.")
    if low is None and high is None:
        return [even_key(position) for position in range(count)]
    if high is None and (start := _number(low, WIDTH)) + count * STEP < BASE**WIDTH:
        return [_key(start + position * STEP, WIDTH) for position in range(1, count + 1)]
    if low is None and (start := _number(high, WIDTH) - count * STEP) > 0:
        return [_key(start + position * STEP, WIDTH) for position in range(count)]
    width = WIDTH
    while True:
        bottom = _number(low, width)
        top = BASE**width if high is None else _number(high, width)
        if top - bottom > count:
            return [_key(bottom + (top - bottom) * n // (count + 1), width) for n in range(1, count + 1)]
        width += 1


def even_key(position: int) -> str:
    """Return the key at a position, from 0, of an order that begins with these keys: for rows written in bulk."""
    return _key(MIDDLE + position * STEP, WIDTH)


def _number(key: str | None, width: int) -> int:
    """Return the first `width` digits as a number; what is missing is 0."""
    number = 0
    for digit in (key or "")[:width].ljust(width, "0"):
        number = number * BASE + DIGITS.index(digit)
    return number


def _key(number: int, width: int) -> str:
    text = ""
    for _ in range(width):
        number, digit = divmod(number, BASE)
        text = DIGITS[digit] + text
    return text[:WIDTH] + text[WIDTH:].rstrip("0")
