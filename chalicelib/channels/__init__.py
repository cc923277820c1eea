"""The channels: one room a network, each with verify(), parse(), capabilities() and send().

Imports the domain and workflows.ports, never another sibling floor, the environment or boto3.
Receiving (verify, parse) is standard library only; urllib3 is imported when something is sent.
"""
