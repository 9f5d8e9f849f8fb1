"""The orders' part of the command line."""
