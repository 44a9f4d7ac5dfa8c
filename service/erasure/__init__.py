"""Erase texts everywhere: of an example, of a dataset, of a person; with a receipt. Events, digests and proofs stay."""
