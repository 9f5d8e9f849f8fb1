"""What is left to do of a bucket's documents: which are written, which stand in the book already, which are new.

A plan is made when a bucket is begun and kept on disk, for the import itself is going to write more into the book.
While an import stands still others go on, so one that is resumed plans anew what it had not written yet: a document
somebody brought in meanwhile is merged, one that was taken back meanwhile is new again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import polars as pl

from guanxi.ingest.models import Import
from guanxi.ingest.standing import standing_numbers


@dataclass(frozen=True)
class Plan:
    """One plan of one bucket; `turn` counts how often the import went on within it."""

    bucket: int
    turn: int
    done: frozenset[str] = frozenset()
    standing: frozenset[str] = frozenset()

    @classmethod
    def of(cls, batch: Import, bucket: int, numbers: Sequence[str]) -> Self:
        """Plan a bucket, from the document on that its import has come to; `numbers` are its orders as it holds them.

        The plan is on disk before the cursor points to it, so that a kill between the two loses neither.
        """
        last = cls._last(batch, bucket)
        done = last.written(numbers, batch.cursor) if last else frozenset()
        left = [number for number in numbers if number not in done]
        standing = frozenset(standing_numbers(left, batch.store_id))
        plan = cls(bucket, last.turn + 1 if last else 0, done, standing)
        plan._keep(batch)
        batch.set(cursor=plan.cursor("orders") | {"done": 0})
        return plan

    @classmethod
    def _last(cls, batch: Import, bucket: int) -> Self | None:
        """Find the plan the import was at work by, where it had come to this bucket."""
        turn = batch.cursor.get("turn")
        if turn is None or batch.cursor["bucket"] != bucket:
            return None
        kept = pl.read_ipc(_path(batch, bucket, turn))
        sets = {
            name: frozenset(kept.filter(pl.col("is") == name).get_column("number")) for name in ("done", "standing")
        }
        return cls(bucket, turn, **sets)

    def written(self, numbers: Sequence[str], cursor: dict[str, Any]) -> frozenset[str]:
        """Say which documents are written where a cursor of this plan stands."""
        fresh = [number for number in numbers if number not in self.done and number not in self.standing]
        standing = [number for number in numbers if number in self.standing]
        if cursor["phase"] == "merging":
            return self.done.union(fresh, standing[: cursor["done"]])
        return self.done.union(fresh[: cursor["done"]])

    def cursor(self, phase: str) -> dict[str, Any]:
        """Where an import stands that is in this phase of the plan."""
        return {"phase": phase, "bucket": self.bucket, "turn": self.turn}

    def _keep(self, batch: Import) -> None:
        path = _path(batch, self.bucket, self.turn)
        path.parent.mkdir(exist_ok=True)
        draft = path.with_suffix(".draft")
        told = {"number": [*sorted(self.done), *sorted(self.standing)]}
        words = ["done"] * len(self.done) + ["standing"] * len(self.standing)
        pl.DataFrame({**told, "is": words}, schema={"number": pl.String, "is": pl.String}).write_ipc(draft)
        draft.rename(path)


def _path(batch: Import, bucket: int, turn: int) -> Path:
    return batch.folder / "aside" / f"plan-{bucket:04}-{turn}.arrow"
