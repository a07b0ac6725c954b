"""Files of tasks, from the upload to the removal of their bytes.

The table itself stands in `apps/tasks/models.py`; avatars belong to `users`. Begin with `services/uploading.py`: a row
before the bytes, and after them (docs/decisions/0050).
"""
