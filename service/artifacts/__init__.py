"""Artifacts: files too large for Postgres. The log has the digest, size and owner of each; a store has the bytes."""
