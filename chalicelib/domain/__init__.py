"""What is true: nouns and pure rules.

Standard library only. No clock, no environment, no input or output: a time that matters is a
parameter.
Imports nothing of Hearback outside this floor.
"""
