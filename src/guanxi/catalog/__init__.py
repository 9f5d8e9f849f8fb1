"""What the shop sells: products, their variants and categories.

Nouns: Category, Product, Variant, VariantCost.
"""
