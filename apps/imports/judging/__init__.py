"""What becomes of the items of a file, before anything is written.

Here are the mapping that is proposed and corrected, the values it gives a task, and which place and relations a row can
have. Reading files belongs to `sources/`, writing rows to `writing/`. Begin with `values.py`.
"""
