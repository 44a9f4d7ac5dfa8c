"""Tunes: fine-tuning jobs, sent to a provider exactly once and polled until they end."""
