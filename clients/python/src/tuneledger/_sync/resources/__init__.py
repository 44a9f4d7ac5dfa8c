# Generated from openapi/openapi.json by `make clients`.
"""The resources of the client."""
