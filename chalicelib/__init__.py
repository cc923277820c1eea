"""Hearback: social customer care that a company runs in its own AWS account."""
