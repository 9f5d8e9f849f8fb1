"""What the figures say: RFM and goods so far. Reads the lake, writes marts and scores.

Nouns: RfmScheme, RfmRun, GoodsRun, class, score. Insight never changes a fact.
"""
