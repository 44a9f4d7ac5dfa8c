"""Runs: long work that asks models. Every answer is recorded before use, and none is paid for twice."""
