"""Long work in the background: what it is at, how it ended, and how to end it early."""
