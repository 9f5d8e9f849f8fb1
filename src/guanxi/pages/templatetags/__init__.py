"""The tags and filters of pages."""
