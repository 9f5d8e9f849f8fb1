"""Webhooks out: events told to programs of others as they happen, signed as Standard Webhooks asks.

Nouns: Webhook (an address and what it wants to hear), WebhookDelivery (one event on its way to one webhook). What is
told names nobody: customers go by their public id, and properties are kept as the lake keeps them. It never changes
what it tells of, and nothing waits for an answer from outside.
"""
