"""Tasks that are due on a day without a time: when a day ends, and how `due_on` and `due_date` agree.

Columns stand in `apps/tasks/models/task.py`, shapes in `apps/tasks/serializers.py`. Begin with `settling.py`.
"""
