"""Comments on tasks: their texts, former versions, the people named in them, and how Markdown is shown.

The tables stand in `apps/tasks/models/comment.py` and `mention.py`; who is notified is decided in
`apps/tasks/watching`. Begin with `services/writing.py`.
"""
