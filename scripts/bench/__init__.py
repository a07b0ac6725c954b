"""How near the API comes to what PostgreSQL and Python allow, measured side by side in one run."""
