"""Changes of many tasks in one request: tried out, atomic or with best effort, and undone.

How one task is changed does not belong here: each goes through the service for one task (contract BU1). Begin reading
with `work.py`, which gives tasks their turn; `running.py` and `undoing.py` decide what is done.
"""
