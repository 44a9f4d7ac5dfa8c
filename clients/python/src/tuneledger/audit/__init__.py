"""Verify the log offline: exports, signed checkpoints, proofs. Needs the package's extra `audit`."""

from tuneledger.audit.lines import Line, leaf_of
from tuneledger.audit.merkle import ProofRefused, check_consistency, check_inclusion
from tuneledger.audit.notes import Checkpoint, NoteRefused, Verifier, checkpoint_of, opened, verifier_of
from tuneledger.audit.verifier import Finding, Report, own_keys, verify

__all__ = [
    "Checkpoint",
    "Finding",
    "Line",
    "NoteRefused",
    "ProofRefused",
    "Report",
    "Verifier",
    "check_consistency",
    "check_inclusion",
    "checkpoint_of",
    "leaf_of",
    "opened",
    "own_keys",
    "verifier_of",
    "verify",
]
