"""Rules: what they do by themselves is written with what they did it for, each firing once."""
