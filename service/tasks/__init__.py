"""Tasks: what a model is to do, what its input and output look like, and what makes an answer good."""
