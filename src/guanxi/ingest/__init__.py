"""How outside data enters: file imports with dry run, resume and undo.

Nouns: Import, ImportChange, RejectedRow, Preset, Mapping. Ingest writes only by the verbs of the contexts below.
"""
