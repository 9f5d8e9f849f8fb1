"""What `guanxi customers` can do: each context brings its verbs in `AppConfig.ready()`, for a command has one place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandParser

from guanxi.core.errors import BadInput
from guanxi.customers.models import Customer


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One subcommand: `arguments` adds its own to the parser, `run` takes them by name with `note` beside them."""

    name: str
    help: str
    run: Callable[..., Any]
    arguments: Callable[[CommandParser], object] = lambda _parser: None


class NoSuchCustomer(BadInput):
    """No customer has the number that was given."""


_verbs: dict[str, Verb] = {}


def register(*verbs: Verb) -> None:
    """Offer verbs; the same name again replaces it."""
    _verbs.update({verb.name: verb for verb in verbs})


def verbs() -> list[Verb]:
    """List what can be done, by name."""
    return [_verbs[name] for name in sorted(_verbs)]


def one(parser: CommandParser, name: str = "id") -> None:
    """Have a customer be named."""
    parser.add_argument(name, metavar=name.upper(), help="the customer's number, such as cus_9WDVSQ5ZMMZ0N")


def called(word: str) -> Customer:
    """Find a customer by their number, one who was merged too; NoSuchCustomer where there is none."""
    found = Customer.objects.filter(pk=Customer.key_of(word) or 0).first()
    if found is None:
        raise NoSuchCustomer(f"There is no customer {word}. Give a number such as cus_9WDVSQ5ZMMZ0N.")
    return found
