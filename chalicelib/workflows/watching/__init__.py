"""Watching: handles are looked at where nothing tells us, and when they go quiet."""
