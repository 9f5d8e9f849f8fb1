"""How good what the shop knows of its customers is: counted in the background, with the people behind each figure.

Nouns: figure, count, behind, unread, stopped. A page view never counts.
"""
