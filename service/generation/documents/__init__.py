"""Documents: read files of five formats into structured text, and split it into chunks."""
