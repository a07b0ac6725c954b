"""The pages of tasks: a project's list and board, a task with its talk, files and history."""
