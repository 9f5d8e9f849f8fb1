"""What the figures say: RFM, the days of the shop, the lifecycle of customers. Reads the lake, writes marts and scores.

Nouns: RfmScheme, RfmRun, class, score, TradingDay, CustomerDay, ShopRun. Insight never changes a fact.
"""
