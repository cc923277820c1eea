"""The simulation: the whole system in one thread on a virtual clock, with seeded faults.

`docs/simulation.md` says what it plays, which rules it checks and how a seed is played again.
"""
