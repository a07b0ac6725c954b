"""Comparing the numbers that are kept on projects and tasks with what they count (contract O2, O4).

Keeping them is part of the writes: `projects/services/counting.py`, `order`, `subtasks`, `comments`, `attachments`.
Begin with `recounting.py`, which says what each number counts.
"""
