"""The kernel: an append-only log with one order, and the state that follows from it. It knows no domain."""
