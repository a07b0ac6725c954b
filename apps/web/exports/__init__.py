"""Archives of a project or of the account: asked for, downloaded, deleted; and lists as CSV."""
