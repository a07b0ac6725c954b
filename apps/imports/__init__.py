"""Imports: files of other tools, and archives of this product, become tasks (contract 13, IM).

A file is analysed, its mapping is proposed and corrected, it is tried out and run. `sources/` reads each format into
`Item`s, `judging/` turns an item into what a task is to have, `writing/` writes it in parts. Tasks, labels and
comments are written through the doors of the tasks app.
"""
