"""The page that finds tasks in all of the person's projects."""
