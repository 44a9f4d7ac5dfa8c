"""Reports of a training with tools of one's own: how it goes, and how it ended."""
