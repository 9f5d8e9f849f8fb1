"""The lake's part of the command line."""
