"""The part of customers in the command line."""
