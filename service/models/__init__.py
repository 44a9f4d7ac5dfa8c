"""Models: lines of versions, what each was made from, and the aliases that say which one is in use."""
