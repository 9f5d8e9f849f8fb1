"""What exports wrap around a cell so that Excel keeps it, taken off again."""

import polars as pl

BLANKS = " \t\r\n\u00a0\u3000\u200b\ufeff"


def unwrap(expr: pl.Expr) -> pl.Expr:
    """Strip blanks of any width, the wrapping `="123"`, and a leading `'`; what is empty then becomes null."""
    bare = expr.str.strip_chars(BLANKS)
    bare = bare.str.replace(r'^="?([^"]*)"?$', "$1").str.replace(r"^'([^']*)$", "$1").str.strip_chars(BLANKS)
    return pl.when(bare != "").then(bare)
