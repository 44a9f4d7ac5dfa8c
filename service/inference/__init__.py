"""Runs: background work that asks models. Each answer is recorded before it is used, and paid for once."""
