"""What was bought: stores, orders, their lines, payments and refunds.

Nouns: Store, Order, OrderLine, Payment, Refund, RefundLine, ExchangeRate. Payment, fulfilment and order state
are separate axes; the platform's own word is kept beside them.
"""
