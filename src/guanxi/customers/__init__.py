"""The people who buy: golden records, the sources that saw them, and what they agreed to.

Nouns: Customer, SourceProfile, Identifier, MergeLog, Consent, Tag, Note, Event, Score. Customers never decides
which profiles are one person: that is identity.
"""
