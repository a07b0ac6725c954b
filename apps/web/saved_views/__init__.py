"""Pages of saved views: the list with counts, a view's tasks, and keeping what a filter bar shows."""
