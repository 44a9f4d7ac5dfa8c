"""Makes clients/typescript from openapi/openapi.json: `python -m clients.generate_typescript`."""
