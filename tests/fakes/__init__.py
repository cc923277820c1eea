"""Fakes: small, honest stand-ins for what lies outside. They keep what they were told, and fail when asked to."""
