"""Which profiles are one person: exact strong identifiers for now.

Nouns: Sighting, Resolution. Identity never changes what a source said about a person.
"""
