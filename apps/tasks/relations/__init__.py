"""Relations between tasks, also across projects: one blocks, relates to or duplicates another.

The table stands in `apps/tasks/models/relation.py`, the check for circles in `apps/tasks/graph.py`, and sub-tasks
(links inside one project) are a room of their own. Begin with `services/writing.py`; what a block means for a task's
status is in `services/blocking.py`.
"""
