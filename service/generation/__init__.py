"""Generation: examples a model proposes, from topics or from documents, and what people decide about them."""
