"""The steps that make the data: collect, label, check."""
