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
        server.check_book()
        server.check_marts()
        self.host, self.port, self.as_json, self.announced = host, port, json, False
        web = Part("web", ["web", "--host", host, "--port", str(port)])
        Supervisor([web, *lanes(workers)], on_tick=self._announce).run()

    def _announce(self) -> None:
        """Print the address once, as soon as it answers."""
        if not self.announced and self._answers():
            self.announced = True
            facts = self.facts()
            connections.close_all()
            self.stdout.write(json.dumps(facts, ensure_ascii=False, default=str) if self.as_json else self.words(facts))
            self.stdout.flush()

    def facts(self) -> dict[str, Any]:
        """Give the address, and the owner's link while there is no owner."""
        link = server.owner_link(self.host, self.port)
        return {"address": server.address(self.host, self.port), "owner_link": link}

    def words(self, result: dict[str, Any]) -> str:
        welcome = f"\nOpen this link to become the owner; it works once: {result['owner_link']}"
        return f"Guanxi is at {result['address']}" + (welcome if result["owner_link"] else "")

    def _answers(self) -> bool:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - read, not bound
        try:
            with socket.create_connection((host, self.port), timeout=0.2):
                return True
        except OSError:
            return False
