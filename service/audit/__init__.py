"""The record of everything, as an auditor reads it."""
