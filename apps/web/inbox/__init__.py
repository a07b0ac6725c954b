"""The page of what the person was notified of."""
