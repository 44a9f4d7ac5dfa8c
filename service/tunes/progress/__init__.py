"""Follow the jobs of tunes."""
