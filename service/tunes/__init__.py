"""Tunes: jobs at providers, asked for once, dispatched exactly once, and followed to their end."""
