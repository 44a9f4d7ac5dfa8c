"""Response headers: CORS, security, and the methods of a path."""
