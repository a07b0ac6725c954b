"""Languages of pages and mails: which one, dates in it, and texts that the API has in English."""
