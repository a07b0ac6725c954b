"""Filters that people keep under a name, for themselves or for a project (contract VI).

The tables stand in `apps/tasks/models/saved_view.py`, the language in `apps/tasks/filtering`; how the list of tasks
runs a view (`view=`) in `apps/tasks/filters.py`. Begin with `stored.py`, then `services.py`.
"""
