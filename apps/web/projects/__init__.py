"""The pages of projects themselves: the list, a new one, its history and its settings."""
