"""Calendar feeds: tasks with a date as iCalendar files behind secret addresses, which calendar programs read."""
