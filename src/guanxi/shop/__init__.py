"""What a shop decides about itself without code: its own fields, its calendar, its look; all settings as one file.

Nouns: CustomField, FieldValue, CalendarDay, Look. The shop never knows what the records are whose fields it declares.
"""
