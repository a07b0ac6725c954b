"""How text of people is compared, searched and sorted, in every script.

One rule on both sides: `normal_form.py` and `words.py` say it in Python for what a caller sends, and the functions of
`functions.py`, which a migration creates, say it in PostgreSQL for what is stored. Stored text stays as it was sent.
Addresses of mails and cells of spreadsheets, whose text has rules of its own, are here too. Begin with
`normal_form.py`. docs/decisions/0150-search-in-every-script.md has the reasons.
"""
