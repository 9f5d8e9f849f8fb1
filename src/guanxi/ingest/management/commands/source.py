"""Look after where events come from.

`guanxi source create NAME` makes a source and prints the key by which its pages or programs write.
"""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import IntegrityError
from django.utils.text import slugify

from guanxi.core.commands import Command as OurCommand
from guanxi.core.ids import key_of
from guanxi.ingest.models import EventSource
from guanxi.orders.models import Store

LONGEST = 40


class Command(OurCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        create = self.subcommand(parser, "create", self.create, help="make a source and its first key")
        create.add_argument("name", help="what people call it")
        create.add_argument(
            "--namespace", default="", help="whose ids its users bear; sources that share it know the same people"
        )
        create.add_argument("--store", default="", help="the code of the store it belongs to")
        rotate = self.subcommand(parser, "rotate", self.rotate, help="make another key; the old one writes a day more")
        retire = self.subcommand(parser, "retire", self.retire, help="take nothing from a source any more")
        for each in (rotate, retire):
            each.add_argument("source", help="its name or its id")
        self.subcommand(parser, "list", self.list, help="show all sources")

    def create(self, *, name: str, namespace: str, store: str, **_: Any) -> dict[str, Any]:
        whose = namespace or slugify(name)[:LONGEST] or "shop"
        try:
            secret, made = EventSource.make(name, namespace=whose, store=_store(store), by=None)
        except IntegrityError as error:
            raise CommandError(f"There is a source called {name!r} already. Choose another name.") from error
        return {"id": made.public_id, "write_key": secret, "namespace": made.namespace}

    def rotate(self, *, source: str, **_: Any) -> dict[str, Any]:
        found = _source(source)
        if not found.is_in_use:
            raise CommandError(f"The source {found.name!r} is retired. Make a new one.")
        return {"id": found.public_id, "write_key": found.rotate(by=None)}

    def retire(self, *, source: str, **_: Any) -> dict[str, Any]:
        found = _source(source)
        found.retire(by=None)
        return {"id": found.public_id, "is_in_use": False}

    def list(self, **_: Any) -> list[dict[str, Any]]:
        rows = EventSource.objects.order_by("name")
        return [
            {"id": each.public_id, "name": each.name, "namespace": each.namespace, "is_in_use": each.retired_at is None}
            for each in rows
        ]


def _source(word: str) -> EventSource:
    key = key_of(EventSource.PREFIX, word)
    found = EventSource.objects.filter(pk=key).first() if key else EventSource.objects.filter(name=word).first()
    if found is None:
        raise CommandError(f"There is no source {word!r}. `guanxi source list` shows all.")
    return found


def _store(code: str) -> Store | None:
    if not code:
        return None
    found = Store.objects.filter(code=code).first()
    if found is None:
        raise CommandError(f"There is no store {code!r}.")
    return found
