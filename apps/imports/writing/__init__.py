"""The run of an import: rows become tasks, in parts that survive a crash.

Here are the job and its two turns. What a row is to become is decided in `judging/`, and every row of another app is
written through that app's services. Begin with `running.py`.
"""
