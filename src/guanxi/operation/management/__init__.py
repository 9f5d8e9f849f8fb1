"""The operator's part of the command line."""
