"""The trash: what was deleted, bringing it back, and purging it (contract TR).

Deleting itself stands in `apps/tasks/services/deletion.py` and `apps/projects/services/trash.py`, where the table of
entries is. Begin with `services.py`.
"""
