"""Accounts' part of the command line."""
