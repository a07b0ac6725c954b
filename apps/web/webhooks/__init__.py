"""Pages of webhooks: the list, one with its log, a delivery, and a secret that is shown once."""
