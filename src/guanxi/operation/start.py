"""What is looked at when the pages and the background work start, and again by nobody."""

from guanxi.operation import move, schema, sending


def look() -> None:
    """Refuse a book that was moved away or used by a newer Guanxi; pause all sending on one that was copied."""
    schema.check_known(schema.applied())
    move.check_here()
    sending.settle()
