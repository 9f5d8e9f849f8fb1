"""What the figures say: RFM so far. Reads the lake, writes marts and scores.

Nouns: RfmScheme, RfmRun, class, score. Insight never changes a fact.
"""
