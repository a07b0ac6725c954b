"""Manners of the REST API that every app shares: base views and serializers, parsers, errors, retries, rate limits.

Lists, SQL and OpenAPI have packages of their own; nothing here knows an app. Begin with `views.py`, then `problems.py`.
"""
