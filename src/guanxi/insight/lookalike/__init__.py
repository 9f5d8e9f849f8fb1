"""Look-alikes: who of those who have not bought resembles a set of customers, as these were before their first order.

It finds and explains; it writes to nobody, and changes nobody.
"""
