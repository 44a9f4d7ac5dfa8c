"""Bulk changes: many examples changed as one operation, which can be undone."""
