"""Who asks: bearer tokens looked up with their session."""

from rest_framework.authentication import BaseAuthentication


class SessionTokenAuthentication(BaseAuthentication):
    """Placeholder."""
