"""The pages before a session: login, logout, registration, and asking for a new password."""
