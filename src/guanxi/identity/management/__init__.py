"""Identity's part of the command line."""
