"""Names of months and halves of the day in other languages, as tools write them that speak to people in theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping

# In the order of the year: English, German, French, Spanish, Portuguese, Italian, Dutch, Scandinavian, Polish, Russian
NAMES = (
    "january januar jänner janvier enero janeiro gennaio januari janv ene gen sty янв",
    "february februar février fevrier febrero fevereiro febbraio februari févr fév fevr fev lut фев февр",
    "march märz maerz mars marzo março maart mär mrz mrt мар марта",
    "april avril abril aprile avr abr kwi апр",
    "may mai mayo maio maggio mei mag maj мая май",
    "june juni juin junio junho giugno giu cze июн июня",
    "july juli juillet julio julho luglio juil lug lip июл июля",
    "august août aout agosto augustus augusti ago aoû sie авг",
    "september septembre septiembre setembro settembre sept set wrz сен сент",
    "october oktober octobre octubre outubro ottobre okt out ott paź окт",
    "november novembre noviembre novembro lis ноя нояб",
    "december dezember décembre decembre diciembre dezembro dicembre desember dez déc dic des gru дек",
)
ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS: Mapping[str, str] = {
    name: english for english, names in zip(ENGLISH, NAMES, strict=True) for name in names.split()
}
WORD = re.compile(r"[^\W\d_]{3,}\.?")
HALF = re.compile(r"(?<=\d)\s*(?:([ap])\.?\s?m\.?|(vorm|nachm)\.?)(?!\w)", re.IGNORECASE)


def in_english(text: str) -> str:
    """Return the text of a date with its names of months, and AM and PM, as they are written in English."""
    text = HALF.sub(lambda found: " AM" if (found[1] or found[2]).lower() in ("a", "vorm") else " PM", text)
    return WORD.sub(lambda found: MONTHS.get(found[0].rstrip(".").lower(), found[0]), text)
