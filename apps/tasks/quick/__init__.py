"""Quick add: a task from one line of text, `Pay rent tomorrow 9:00 ^HOME #bills !high` (contract QA).

`scanning.py` finds what could be a field, `dates.py` reads days and times, `reading.py` looks the names up in the
project, `services.py` creates the task through the service that all creations share. Begin with `scanning.py`.
"""
