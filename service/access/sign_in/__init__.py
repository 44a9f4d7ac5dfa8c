"""Sign-in by OpenID Connect: tokens of configured issuers beside API keys."""
