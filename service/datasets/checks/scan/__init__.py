"""The scan of a check: it reads every row, in a process of its own, and keeps no text."""
