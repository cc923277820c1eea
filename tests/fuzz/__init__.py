"""Fuzzing: what a parser may end in, the seeds it begins from, and the long run of `make fuzz`."""
