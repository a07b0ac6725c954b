"""Exports: everything that a project or an account has, as one zip file (contract 13, EX).

Begin reading with `services.py`; `content.py` says what is in a file, `archive.py` how it is written. The list of tasks
as CSV is in apps/tasks/table.
"""
