"""Real training and real answers on this machine: `make test-local`. They need the extra `local` and some minutes."""
