"""Dynamic facts: what a person's own doing tells of their habits, kept current as the stream is told.

Nouns: a **summary** (what the events of one source profile amount to), **habits** (the same of a customer, with what
orders tell), a **visit**, a **taste**, the **cart**. A summary is a pure function of the set of its events: neither
their order nor their repetition matters, and summaries of several profiles unite into the one of all their events. So
nothing happens at a merge or an unmerge. Habits are never guessed from too little, and none is stored per customer.
"""
