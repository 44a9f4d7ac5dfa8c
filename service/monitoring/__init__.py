"""Production: calls as they were logged, what people say of them, what a month was like, and the way back to data."""
