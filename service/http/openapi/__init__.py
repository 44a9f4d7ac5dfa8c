"""The OpenAPI document: made from the routes and their structs, with examples that were recorded."""
