"""Time: the database's clock, days in a person's time zone, and which texts are instants.

What a due date or a reminder means belongs to `apps.tasks`; how a date is written in a person's language belongs to
`apps.common.language`. Begin with `days.py`.
"""
