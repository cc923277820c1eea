"""What happens: one file a step, the ports they need, and the machines themselves (*.asl.json).

Imports the domain only, never an AWS package. The outside is reached through the Protocols of
ports.py.
"""
