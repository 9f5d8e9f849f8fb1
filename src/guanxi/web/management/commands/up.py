"""Start Guanxi: the pages and the background work."""

import json
import socket
from typing import Any

from django.core.management.base import CommandParser
from django.db import connections

from guanxi.core import commands
from guanxi.web import server
from guanxi.web.management.commands.worker import lanes
from guanxi.web.supervisor import Part, Supervisor


class Command(commands.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default %(default)s)")
        parser.add_argument(
            "--workers", type=int, default=2, help="processes for background work (default %(default)s)"
        )

    def run(self, *, host: str, port: int, workers: int, json: bool, **_: Any) -> None:
        """Start the parts and keep them running until asked to stop."""
        server.check_port(host, port)
        server.check_marts()
        self.host, self.port, self.as_json, self.announced = host, port, json, False
        web = Part("web", ["web", "--host", host, "--port", str(port)])
        Supervisor([web, *lanes(workers)], on_tick=self._announce).run()

    def _announce(self) -> None:
        """Print the address once, as soon as it answers."""
        if not self.announced and self._answers():
            self.announced = True
            facts = {
                "address": server.address(self.host, self.port),
                "owner_link": server.owner_link(self.host, self.port),
            }
            connections.close_all()
            welcome = f"\nOpen this link to become the owner; it works once: {facts['owner_link']}"
            line = f"Guanxi is at {facts['address']}" + (welcome if facts["owner_link"] else "")
            self.stdout.write(json.dumps(facts) if self.as_json else line)
            self.stdout.flush()

    def _answers(self) -> bool:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - read, not bound
        try:
            with socket.create_connection((host, self.port), timeout=0.2):
                return True
        except OSError:
            return False
