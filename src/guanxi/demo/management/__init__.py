"""The demo shop's part of the command line."""
