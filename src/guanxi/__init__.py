"""Guanxi (关系): the open-source customer-relationship system for e-commerce."""

__version__ = "0.1.0"

import sys

try:
    # The system's SQLite may lose committed writes (the WAL-reset bug before 3.51.3), and Django and SQLAlchemy
    # bind the first sqlite3 they meet: ours has to be in place before either is imported.
    import pysqlite3

    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
except ImportError:  # `guanxi doctor` reports which library is in use
    pass
