"""DuckDB as this house runs it: in memory, bounded, with its scratch files under GUANXI_HOME."""

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def connect(*, ordered: bool = False) -> "DuckDBPyConnection":
    """Open a connection of its own; `ordered` keeps rows in the order of the files, at the price of memory."""
    import duckdb  # noqa: PLC0415 - only this package speaks to the engine, and most commands do without

    scratch = settings.HOME / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    return duckdb.connect(
        config={
            "memory_limit": settings.LAKE_MEMORY,
            "temp_directory": str(scratch),
            "preserve_insertion_order": ordered,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
