"""The catalogues of translations: what the source says, what the files have, and the compiled form."""
