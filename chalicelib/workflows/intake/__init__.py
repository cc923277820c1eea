"""Intake: what comes in is read, placed in its conversation and kept."""
