"""The rest of AWS: executions, alerts, queues, secrets, blobs, and the meter.

That is Step Functions, SNS, SQS, Secrets Manager, S3 and CloudWatch.

Each takes its client when it is made, so that nothing happens at import. Imports the ports and the
domain, never a sibling floor.
"""
