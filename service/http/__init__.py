"""How we speak HTTP: bodies in, answers out, problems, pages, ETags and idempotency keys."""
