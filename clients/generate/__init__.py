"""Makes clients/python from openapi/openapi.json: `python -m clients.generate`."""
