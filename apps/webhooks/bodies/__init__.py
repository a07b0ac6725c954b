"""What a delivery says."""

from apps.webhooks.bodies.making import make_bodies

__all__ = ["make_bodies"]
