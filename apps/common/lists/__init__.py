"""How a list is filtered, ordered, paged and read.

A *shape* is what decides the SQL text of a list: which filters and which order. Values such as ids and instants are
*parameters* and are bound. The statement of a shape is compiled once, kept for the process and prepared by PostgreSQL.
What a task or project looks like does not belong here. Begin with `reads.py`, then `criteria.py`.
"""
