"""The single table: keys, rows, and the reads and writes of `workflows.ports`.

Imports the ports and the domain, never a sibling floor. Nothing here reads the environment or
connects when it is imported; import `store.table` only where the store is used, because PynamoDB
and botocore come with it.
"""
