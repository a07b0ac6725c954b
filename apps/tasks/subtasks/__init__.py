"""Trees of tasks: reading what is below a task, where a task may be placed, and the counts of children (contract ST).

What happens to a tree when its root is closed, archived, moved or deleted stands in `apps/tasks/services`; the check
for circles in `apps/tasks/graph.py`. Begin with `tree.py`.
"""
