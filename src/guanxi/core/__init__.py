"""What every context stands on: money, time, ids, jobs, effects, converters.

Nouns: Job, Lease, Effect, public id. Core knows no trade and imports nothing of Guanxi.
"""
