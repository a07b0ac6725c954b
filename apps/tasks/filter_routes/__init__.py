"""Asking for tasks with a filter in the body, and what a filter means to its reader.

The language itself stands in apps/tasks/filtering, the list and its parameters in apps/tasks/views.py and filters.py.
Begin with `views.py`.
"""
