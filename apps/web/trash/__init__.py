"""The page of the trash: what was deleted, when it goes for good, and bringing it back."""
