"""What the figures say: RFM, days of the shop, lifecycle of customers, goods. Reads the lake, writes marts and scores.

Nouns: RfmScheme, RfmRun, class, score, TradingDay, CustomerDay, ShopRun, GoodsRun. Insight never changes a fact.
"""
