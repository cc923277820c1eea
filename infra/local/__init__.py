"""The local AWS: MiniStack on loopback, with the very template that ships deployed into it."""
