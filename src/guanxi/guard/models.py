"""Keys of single people: what append-only records say of a person is sealed under theirs, and gone with it."""

import os
from collections.abc import Iterable, Mapping
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

from guanxi.guard.sealing import KEY_BYTES, NONCE_BYTES, context, seal, seal_many, unseal


class PersonKeyQuerySet(models.QuerySet["PersonKey"]):
    """Sets of keys."""

    def of(self, person: int) -> "PersonKey":
        """Find the key of a person, or make it."""
        found = self.filter(person=person).first()
        fresh = seal(os.urandom(KEY_BYTES).hex(), PersonKey.place(person))
        return found or self.get_or_create(person=person, defaults={"sealed": fresh})[0]

    def of_each(self, people: Iterable[int]) -> Mapping[int, "PersonKey"]:
        """Find the keys of people who have one."""
        return {key.person: key for key in self.filter(person__in=set(people))}

    def of_all(self, people: Iterable[int]) -> Mapping[int, "PersonKey"]:
        """Find the keys of people, or make them."""
        wanted = list(dict.fromkeys(people))
        found = self.of_each(wanted)
        fresh = [person for person in wanted if person not in found]
        sealed = seal_many((os.urandom(KEY_BYTES).hex() for _each in fresh), map(PersonKey.place, fresh))
        made = [PersonKey(person=person, sealed=key) for person, key in zip(fresh, sealed, strict=True)]
        self.bulk_create(made, ignore_conflicts=True)  # of two who make one at once, the first one's stays
        return {**found, **self.of_each(fresh)} if fresh else found

    def destroy(self, people: Iterable[int]) -> int:
        """Make everything sealed under the keys of these people unreadable, for good; says how many keys there were."""
        return self.filter(person__in=list(people)).delete()[0]


class PersonKey(models.Model):
    """The key of one person, itself sealed under the master key. `person` is the key of their record."""

    person = models.BigIntegerField(unique=True)
    sealed = models.BinaryField()

    objects = PersonKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"key of {self.person}"

    @classmethod
    def place(cls, person: int) -> str:
        """Name the place a key stands in."""
        return context("guard_personkey", person, "sealed")

    def seal(self, text: str, place: str) -> bytes:
        """Encrypt a text about the person, for the place it will stand in."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())

    def unseal(self, token: bytes | memoryview, place: str) -> str | None:
        """Decrypt it; None where it was altered, moved, or sealed under an earlier key of the person."""
        raw = bytes(token)
        try:
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError):
            return None

    @property
    def _cipher(self: Self) -> AESGCM:
        return AESGCM(bytes.fromhex(unseal(self.sealed, self.place(self.person))))
