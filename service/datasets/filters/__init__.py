"""Filters: which examples are meant, as a small expression, and what it is in SQL."""
