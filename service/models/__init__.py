"""Models: lines of versions, what each was made from, and the aliases that name the version in use."""
