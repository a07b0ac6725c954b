"""The start page: what is late, due today and in the next days for the person, and what is new."""
