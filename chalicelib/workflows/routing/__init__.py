"""Routing: cases find people, are offered to them and leave them, and teams without people tell."""
