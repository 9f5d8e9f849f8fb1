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

    def run(self, *, host: str, port: int, no_serve: bool = False, scale: float = 1.0, **options: Any) -> Any:
        """Make the shop where there is none, then serve it, or say what it holds."""
        from guanxi.demo.build import build, standing

        if not no_serve:
            server.check_port(host, port)
        if standing():
            self.note("The demo shop is there already.")
        self.made = build(scale=scale, tell=self.note)
        return self.made if no_serve else super().run(host=host, port=port, **options)

    def facts(self) -> dict[str, Any]:
        """What is told once the pages answer."""
        return super().facts() | self.made

    def words(self, result: dict[str, Any]) -> str:
        """Say what there is, where it is, and how one comes in."""
        made = f"{result['shop']}: {result['customers']:,} customers, {result['orders']:,} orders up to {result['day']}"
        where = f"Open {result['address']} and sign in" if "address" in result else "Sign in"
        people = (f"  {each['sign_in_name']:<10}{each['role']:<10}{each['name']}" for each in result["sign_ins"])
        pass_phrase = f"with the pass phrase: {result['sign_ins'][0]['password']}"
        return "\n".join([made, "", f"{where} as", *people, pass_phrase])
