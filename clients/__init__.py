"""The clients of other languages and what makes them from openapi/openapi.json."""
