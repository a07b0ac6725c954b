"""Reminders of due dates and notifications of overdue tasks.

Notifications of changes are in `apps/tasks/messages.py`. Begin with `scan.py`, which the job runs once a minute.
"""
