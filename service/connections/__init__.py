"""Connections: the workspace's accounts at providers, and what can be tuned there."""
