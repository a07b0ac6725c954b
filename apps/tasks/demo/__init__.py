"""Demo data for `seed_demo` and the local run.

Nothing in production imports this package. Begin with `seeding.py`; `texts.py` holds the words.
"""
