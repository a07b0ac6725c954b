"""Tasks by what they are elsewhere: a source and an id there, unique in a project (contract IM11).

Imports write the same key, so that a program can follow what was imported.
"""
