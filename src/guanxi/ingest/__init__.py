"""How outside data enters: file imports with dry run, resume and undo.

Nouns: Import, ImportChange, SavedPreset, preset, mapping, rejected row, bucket, chunk. What a document means is decided
here; what an order or a person is, in the contexts below.
"""
