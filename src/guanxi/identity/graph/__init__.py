"""Who knows whom: relations between customers, with what proves them. No relation ever makes two people one.

Nouns: Trace (where a profile's parcels went, unreadable), Relation (what somebody said of two people), Edge (what is
computed of both). Edges are never stored: they follow merges, parts and limits because they are read from facts.
"""
