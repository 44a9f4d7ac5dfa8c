"""The audit trail: event feed, history in sentences, proofs and the export for verifiers."""
