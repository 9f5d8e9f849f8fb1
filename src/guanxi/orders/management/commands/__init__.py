"""Insight's part of the command line."""
