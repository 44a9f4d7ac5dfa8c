"""Webhooks: send signed messages about events to servers of your users."""
