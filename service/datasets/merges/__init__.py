"""Forks of datasets, and merges of what changed in one of the two into the other."""
