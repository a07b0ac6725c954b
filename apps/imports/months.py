"""Names of months in other languages, as tools write them that speak to people in theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping

# In the order of the year; a name in two languages for two months is left out
NAMES = (
    "january januar jänner janvier enero janeiro gennaio januari janv ene gen",
    "february februar février fevrier febrero fevereiro febbraio februari févr fév fevr fev",
    "march märz maerz mars marzo março maart mär mrz mrt",
    "april avril abril aprile avr abr",
    "may mai mayo maio maggio mei mag",
    "june juni juin junio junho giugno giu",
    "july juli juillet julio julho luglio juil lug",
    "august août aout agosto augustus ago aoû",
    "september septembre septiembre setembro settembre sept set",
    "october oktober octobre octubre outubro ottobre okt out ott",
    "november novembre noviembre novembro",
    "december dezember décembre decembre diciembre dezembro dicembre dez déc dic",
)
ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS: Mapping[str, str] = {
    name: english for english, names in zip(ENGLISH, NAMES, strict=True) for name in names.split()
}
WORD = re.compile(r"[^\W\d_]{3,}\.?")


def with_english_months(text: str) -> str:
    """Return a text with its names of months in English, abbreviated."""
    return WORD.sub(lambda found: MONTHS.get(found[0].rstrip(".").lower(), found[0]), text)
