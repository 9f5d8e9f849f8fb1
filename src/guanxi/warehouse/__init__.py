"""The lake: Iceberg tables copied from the book, read by DuckDB, and the marts computed from them.

Nouns: Table, Mart, SyncBatch, Moment, snapshot. Warehouse knows no business: tables, columns and marts are
declared by the contexts above it. The only package that imports duckdb or pyiceberg.
"""
