"""Prompts: texts with variables in immutable versions, the labels that stand at them, and what they were asked for."""
