"""Pages of imports: a file comes in, is mapped, tried, run and taken back."""
