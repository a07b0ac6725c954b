"""Invitations to a project, by mail and by link (contract IN). Begin with `services/` and `secrets.py`."""
