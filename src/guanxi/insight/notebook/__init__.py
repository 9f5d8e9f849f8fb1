"""Notebooks: what analysts ask the lake in SQL, with words and charts beside it, kept for everybody to read.

Nouns: a Notebook is a title and cells, each of text or of SQL; a NotebookVersion is what it was at some time; a
Question is one SQL text asked of one state of the lake, and what was answered. Nothing here writes to the lake, and no
SQL runs anywhere but in the cage of the warehouse.
"""
