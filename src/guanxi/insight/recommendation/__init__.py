"""What to offer next: which goods are alike, go with one another, and suit a customer; and whether that is any good.

The core is pure: arrays in, the same out. Stories beside it read the lake, keep two marts, and answer
pages and programs. It never sends anything to anybody.
"""
