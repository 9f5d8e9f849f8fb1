"""The context's command line."""
