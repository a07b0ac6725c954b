"""What a delivery says."""

from apps.webhooks.bodies.making import make_body

__all__ = ["make_body"]
