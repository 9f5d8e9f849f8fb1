"""What every page is built from: shell, navigation, components, lists, filters, formats, icons.

Nouns: shell, navigation entry, component, column, filter chip. Pages knows no context above it.
"""
