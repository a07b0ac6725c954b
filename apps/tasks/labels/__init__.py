"""Labels of a project: what they are called, which colour they have, and which tasks carry them.

The tables stand in `apps/tasks/models/label.py`; tasks are filtered by labels in `apps/tasks/filters.py`. Begin with
`services/writing.py` for labels themselves and with `services/tagging.py` for those of tasks.
"""
