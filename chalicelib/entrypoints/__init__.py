"""The doors: webhooks, api, inbox and outbox (queues), tasks (states), stream, schedules.

The only floor that imports chalice. Thin: read the request, call one workflow, answer. Every door
wears `observed`.
"""
