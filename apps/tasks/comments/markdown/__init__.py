"""Markdown: parsed once for the people it names and once for its HTML, by the same parser.

Nothing here reads the database. Begin with `parsing.py`.
"""
