"""AWS End User Messaging: two-way SMS, told through an SNS topic.

The topic reaches us by a queue (trusted by IAM: entrypoints/notices) or by HTTPS (proved by SNS's
signature). Both bring the whole envelope of SNS, whose time and id the message itself lacks.
"""
