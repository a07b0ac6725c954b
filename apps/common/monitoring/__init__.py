"""What operators see: logs, request ids, metrics, health, heartbeats of jobs and `doctor`.

Only the registries and the checks that belong to no domain are here; apps register their own in `ready()`.
Begin with `health.py` for readiness and `requests.py` for what is logged and counted per request.
"""
