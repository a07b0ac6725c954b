"""Prepared statements and JSON built by PostgreSQL.

Anything that knows requests, filters or pages belongs to `lists` or `api`. Begin with `statements.py`.
"""
