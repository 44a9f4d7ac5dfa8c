"""Evaluations: models, prompts and versions measured over a split, and compared with what is certain of it."""
