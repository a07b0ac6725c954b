"""Who watches which task, how much of it they want to hear, and who is notified of an event (contract WA).

The table stands in `apps/tasks/models/watch.py`; what a mention is belongs to `apps/tasks/comments`, when a due date
is announced to `apps/tasks/reminders`. Begin with `recipients.py`.
"""
