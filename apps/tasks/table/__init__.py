"""The list of tasks as a table in CSV, sent as it is read.

Its columns are those of `apps/tasks/queries/table.py`, its filters and orders those of the list. Begin reading with
`views.py`.
"""
