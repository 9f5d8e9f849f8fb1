"""What a shop sells: its days, seasons, products, prices, baskets, and what people look for; all read from marts.

Nouns: span, figure, season, class (A, B, C), band of prices, rule of baskets, term. Nothing here scans orders.
"""
