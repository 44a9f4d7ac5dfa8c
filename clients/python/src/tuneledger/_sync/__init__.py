# Derived from the awaited client by `make clients`.
"""The client whose methods wait."""
