"""What every context stands on: money, time, ids, jobs, panels, effects, converters.

Nouns: Job, Lease, Panel, Effect, public id. Core knows no trade and imports nothing of Guanxi.
"""
