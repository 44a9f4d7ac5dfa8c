# Generated from openapi/openapi.json by `make clients`.
"""The version of the API this client is for."""

__version__ = "0.1.0"
