"""Running an installation: backup and restore, the move to PostgreSQL, upgrades, what runs and waits, what is measured.

Nouns: Backup, Pause (of all sending), Fingerprint (of the place a book lies in), Figure. It knows no customer and no
order: what it copies and counts are tables and files.
"""
