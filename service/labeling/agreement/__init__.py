"""Measures of agreement: pure, each with a name and a version, and defined in docs/agreement.md."""
