"""The platforms we read, one folder each: the shape of their files, their words for states.

Nouns: preset. A connector translates and never decides.
"""
