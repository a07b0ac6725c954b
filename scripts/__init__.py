"""Commands for people and machines: run, test, check, and what they stand on."""
