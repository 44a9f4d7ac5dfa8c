"""The client whose methods are awaited."""
