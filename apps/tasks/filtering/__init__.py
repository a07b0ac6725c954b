"""The filter language: one text, or its JSON form, that says which tasks.

Here stands everything from the text to the condition of a statement: grammar, syntax tree, limits, what names and days
mean for a reader, SQL. Lists, routes and saved views use it and do not belong here. Begin with `fields.py`, the table
of fields and flags, then `nodes.py` and `composing.py`; the language itself is described in docs/filters.md.
"""
