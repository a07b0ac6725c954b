"""How values are written on pages that Django renders."""
