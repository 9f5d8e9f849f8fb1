"""The people who work in the shop: staff, their roles, how they sign in.

Nouns: Staff, Role, OwnerLink, SavedView, SentForm. Accounts never knows what a customer is.
"""
