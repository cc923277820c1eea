"""Fakes: small stand-ins for what lies outside. They keep what they were told, and can fail."""
