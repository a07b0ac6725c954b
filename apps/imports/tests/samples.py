"""A realistic file of each source, made for these tests."""

from __future__ import annotations

TODOIST = (
    "\ufeffTYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,DURATION,DURATION_UNIT,"
    "meta,DEADLINE,DEADLINE_LANG\r\n"
    "meta,,,,,,,,,,,,view_style=list,,\r\n"
    "note,For the whole project,,,,projectadmin (77),,,,,,,,,\r\n"
    "task,Order paint @shop @blue-ish,Two tins,4,1,projectadmin (77),projectadmin (77),2026-12-01 10:00,en,"
    "America/New_York,30,minute,,,\r\n"
    'note,"Ask for the\nmatt one; not gloss, please",,,,Ann (12),,2026-05-03T09:30:00Z,,,,,,,\r\n'
    "task,Compare prices,,,2,Ann (12),Ann (12),every day,en,Europe/Berlin,,,,,\r\n"
    "task,Call bob@example.com,,2,3,,,,,,2,day,,,\r\n"
    "task,Buy brushes,,3,2,,,12. Mai 2027,de,,,,,,\r\n"
    ",,,,,,,,,,,,,,\r\n"
    "section,Later,,,,,,,,,,,,,\r\n"
    "task,Paint the fence,,1,2,,,tomorrow,en,,,,,2027-06-01,en\r\n"
    "task,Paint the fence,,1,1,,,,,,,,,,\r\n"
    "filter,Something new,,,,,,,,,,,,,\r\n"
)
