"""The three layers of customers: what they are worth, what they like, and where they stand by the shop's own cycle.

It reads the mart `customer_layers`, which the night computes, and says nothing that is not there.
"""
