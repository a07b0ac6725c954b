"""Real processes under fire: what was committed is compared with what the mail server took."""
