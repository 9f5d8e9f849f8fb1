"""The doors of the house: what comes in, what goes out, and what is locked away.

Nouns: sealed field, blind index, upload, signed token, outgoing request. Guard decides how a thing is
protected, never whether a person may see it.
"""
