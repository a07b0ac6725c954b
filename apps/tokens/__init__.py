"""Personal API tokens: a named part of what their owner may do, in named projects, for a limited time."""
