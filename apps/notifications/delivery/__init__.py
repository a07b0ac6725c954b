"""Delivery of the outbox by mail: claim rows, render them, talk SMTP, record the outcome.

Who is notified of what is decided by the services and kinds of the apps; the in-app list reads the same rows in
`reading.py`. Begin with `sender.py`, then `outbox.py` for the states of a row.
"""
