"""Batches: acts on one or many objects that can be looked up and undone as one.

What changes the objects does not belong here: the services of the app that owns them do, inside `acting_in`, and undo
reads the event log. Begin reading with `context.py`, then `services.py`.
"""
