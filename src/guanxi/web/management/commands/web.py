"""Serve the pages."""

from typing import Any

from django.core.management.base import CommandParser

from guanxi.core import commands
from guanxi.web import server


class Command(commands.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default %(default)s)")
        parser.add_argument(
            "--processes",
            type=int,
            default=server.PROCESSES,
            help="processes that answer (default %(default)s: one a core, four at most)",
        )

    def run(self, *, host: str, port: int, processes: int, **_: Any) -> None:
        """Print the owner's link at the first start, and serve."""
        server.check_port(host, port)
        if not server.supervised():
            server.check_book()
            link = server.owner_link(host, port)
            self.note(f"Open {link} to become the owner." if link else f"Guanxi is at {server.address(host, port)}")
        server.serve(host, port, processes=processes)
