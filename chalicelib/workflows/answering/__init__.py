"""Answering: a reply is checked, written, sent, and what became of it is kept."""
