"""Public ids: the integer key of a record as a short prefixed word such as `cus_0C8T3W6J9KXAY`.

The word hides how many records there are; it is no protection, which is the fetch's work.
"""

from collections.abc import Sequence

from django.db import connection, models, transaction

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
DIGITS = 13
MODULUS = 1 << 64
FACTOR = 0x9E3779B97F4A7C15  # odd, so that multiplying modulo 2**64 is a bijection
INVERSE = pow(FACTOR, -1, MODULUS)


def public_id(prefix: str, key: int) -> str:
    """Spell an integer key.

    >>> public_id("cus", 1)
    'cus_9WDVSQ5ZMMZ0N'
    """
    rest, word = key * FACTOR % MODULUS, ""
    for _ in range(DIGITS):
        rest, digit = divmod(rest, 32)
        word = ALPHABET[digit] + word
    return f"{prefix}_{word}"


def key_of(prefix: str, word: str) -> int | None:
    """Read a public id back, or None where it is not one of this prefix."""
    head, _, tail = word.partition("_")
    if head != prefix or len(tail) != DIGITS or any(letter not in ALPHABET for letter in tail):
        return None
    value = 0
    for letter in tail:
        value = value * 32 + ALPHABET.index(letter)
    key = value * INVERSE % MODULUS
    return key if value < MODULUS and 0 < key < 1 << 63 else None


def reserve(model: type[models.Model], count: int) -> Sequence[int]:
    """Take `count` unused keys of a table; they are never handed out again, whether a row comes to bear them or not.

    On SQLite they follow one another, on PostgreSQL another process may take some in between.
    """
    if not count:
        return range(0)
    table = model._meta.db_table  # noqa: SLF001
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("update sqlite_sequence set seq = seq + %s where name = %s returning seq", [count, table])
            found = cursor.fetchone()
            if not found:
                cursor.execute("insert into sqlite_sequence (name, seq) values (%s, %s)", [table, count])
            last = found[0] if found else count
            return range(last - count + 1, last + 1)
        cursor.execute(
            "select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)", [f'"{table}"', count]
        )
        return [row[0] for row in cursor.fetchall()]
