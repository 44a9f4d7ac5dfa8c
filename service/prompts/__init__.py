"""Prompts: texts with variables in immutable versions, labels that point at versions, and batch runs."""
