"""The demo shop: a tea house that never was, so that a newcomer sees everything alive.

Nouns: person, habit, good, sale, outlet. It is made with the verbs and the importers of the product alone, as a shop of
flesh and blood would be, and never writes a row of another context's table itself.
"""
