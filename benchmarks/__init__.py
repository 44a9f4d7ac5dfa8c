"""Measure Tuneledger; each figure is shown with its floor, the least that Postgres alone needs for the same work."""
