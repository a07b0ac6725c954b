"""The parts of the OpenAPI schema that all operations share: problems, headers, filters, examples.

Summaries and bodies of single operations stand beside their views. Begin with `schema.py`.
"""
