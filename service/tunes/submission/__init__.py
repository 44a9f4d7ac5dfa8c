"""Send tunes to their providers."""
