"""The page behind an invitation's link, and invitations in a project's settings."""
