"""Make the demo shop and serve it: a tea house with 20,000 customers and 14 months of orders.

It goes into an empty home. Made already, it is only served.
"""

from typing import Any

from django.core.management.base import CommandParser

from guanxi.web import server
from guanxi.web.management.commands.up import Command as Up


class Command(Up):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--no-serve", action="store_true", help="end when the shop is made")
        parser.add_argument(
            "--scale", type=float, default=1.0, metavar="PART", help="make so much of it: 0.01 is 200 customers"
        )

    def run(self, *, no_serve: bool, scale: float, **options: Any) -> dict[str, Any] | None:
        """Make the shop where there is none, then serve it, or say what it holds."""
        from guanxi.demo.build import build, standing

        if not no_serve:
            server.check_port(options["host"], options["port"])
        if standing():
            self.note("The demo shop is there already.")
        self.made = build(scale=scale, tell=self.note)
        if no_serve:
            return self.made
        super().run(**options)
        return None

    def facts(self) -> dict[str, Any]:
        """What is told once the pages answer."""
        return super().facts() | self.made

    def words(self, result: dict[str, Any]) -> str:
        """Say what there is, where it is, and how one comes in."""
        lines = [
            f"{result['shop']}: {result['customers']:,} customers, {result['orders']:,} orders up to {result['day']}, "
            f"ready in {result['seconds']} s",
            *([f"\nOpen {result['address']} and sign in as"] if "address" in result else ["\nSign in as"]),
            *(f"  {each['sign_in_name']:<10}{each['role']:<10}{each['name']}" for each in result["sign_ins"]),
            f"with the pass phrase: {result['sign_ins'][0]['password']}",
        ]
        return "\n".join(lines)
