"""Runs: long work that asks models, where every answer is recorded before it is used and none is paid for twice."""
