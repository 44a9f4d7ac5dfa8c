"""What a bulk change does to each example."""
