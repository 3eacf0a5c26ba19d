"""Signing in at a provider of OpenID Connect, by the code flow with PKCE, as RFC 9700 wants it."""
