"""The manual order of a project's tasks (contract RK): its keys, where new tasks go, and moving a task by hand.

Other orders of lists are named in `apps/tasks/views.py`; status and project of a task change in `apps/tasks/services`.
Begin with `keys.py`, then `services/placing.py`.
"""
