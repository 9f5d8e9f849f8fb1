"""A process that imports, to be killed: `python -m tests.ingest.importer begin FILE`, `resume`, `undo` or `show`."""

import sys
from pathlib import Path


def main(act: str, *arguments: str) -> None:
    import django

    django.setup()
    from guanxi.core import book as schema
    from guanxi.ingest.begin import begin
    from guanxi.ingest.models import Import
    from guanxi.ingest.run import run
    from guanxi.ingest.undo import undo
    from tests.ingest.shop import book

    schema.prepare()
    if act == "begin":
        batch = begin([Path(arguments[0])], preset="online-retail")
        print("begun", flush=True)
        run(batch, wait=None)
    elif act == "resume":
        batch = Import.objects.latest("pk")
        print("begun", flush=True)
        if batch.state != Import.State.DONE:
            run(batch, wait=None)
    elif act == "undo":
        undo(Import.objects.latest("pk"))
    if act in {"show", "resume"}:
        batch = Import.objects.latest("pk")
        counts = dict(sorted(batch.counts.items()))
        print(batch.state, counts, hash_of(book()), flush=True)


def hash_of(found: object) -> str:
    from hashlib import sha256

    return sha256(repr(found).encode()).hexdigest()


if __name__ == "__main__":
    main(*sys.argv[1:])
