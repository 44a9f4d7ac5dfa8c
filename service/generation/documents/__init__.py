"""Documents: files of five formats read into text that keeps its structure, and split into chunks by it."""
