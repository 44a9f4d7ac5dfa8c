"""Checks of a dataset before it is tuned on: what is wrong with it, and what to do about it."""
