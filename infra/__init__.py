"""Infrastructure: CloudFormation by subject (*.yaml), what deploys it, and the local AWS.

Never part of the Lambda package. Run from the repository's root: `python -m infra.package --stage
dev`.
"""
