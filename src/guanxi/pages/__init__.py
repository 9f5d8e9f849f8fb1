"""What every page is built from: shell, navigation, components, panels, lists, filters, formats, icons.

Nouns: shell, navigation entry, component, panel, column, filter chip. Pages knows no context above it.
"""
