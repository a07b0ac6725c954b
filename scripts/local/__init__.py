"""The stack on one machine without Docker: embedded PostgreSQL and Valkey, the parts, a mail catcher."""
