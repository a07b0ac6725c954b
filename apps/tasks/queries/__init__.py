"""Reads of tasks beside the lists of the API: for notifications, figures, the log, and why a task is missing.

Nothing here writes, and nothing knows HTTP. What narrows a list is in `filters.py`, who sees what in `models/task.py`.
"""
