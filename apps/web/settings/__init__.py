"""The person's own settings: profile, password, sessions, notifications, the end of the account."""
