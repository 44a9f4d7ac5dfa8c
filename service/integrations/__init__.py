"""Integrations: accounts elsewhere that are no providers: where models are published and tunes are followed."""
