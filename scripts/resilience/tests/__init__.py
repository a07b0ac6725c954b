"""Short runs of every scenario."""
