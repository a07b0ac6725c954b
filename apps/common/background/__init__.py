"""What every background job stands on: rows claimed under a lease, wake-ups after a commit, purges in batches.

What a job does belongs to the app that owns its rows; when it runs belongs to `config`. Begin with `leases.py`,
then `nudge.py`.
"""
