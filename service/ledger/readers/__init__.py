"""Read the log: by seq, as it grows, and with subscriptions that store a checkpoint."""
