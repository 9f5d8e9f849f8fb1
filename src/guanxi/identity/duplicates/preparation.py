"""People in comparable forms: the same name, phone, birthday or address written in two ways becomes alike.

Text in, columns out: `given`, `surname`, their `…_sound` in letters where there are hanzi, `birthday` as digits of
year, month and day, `phones` and `emails` (lists where
somebody has several), `street`, `city`, `postcode`, `province`, `country`, and `further_0`
and so on. A column that cannot tell people apart is left out.
"""

from collections.abc import Callable, Iterator
from functools import cache

import polars as pl

from guanxi.identity.duplicates.reading import FURTHER
from guanxi.identity.normal import read_phone
from guanxi.pages.spelling import HAN, PAIRED, folded, sounded

APART = "\x1f"  # between several phones or e-mails of one person
LISTS = ("phones", "emails")
LONGEST = 120  # signs of a value that are compared
PLACES = ("street", "city", "postcode", "province", "country")


def prepare(people: pl.DataFrame) -> pl.DataFrame:
    """Write people in comparable forms, one row each in the same order, with `unique_id` counting from 0."""
    made = [*_names(people), *_birthday(people), *_reached(people), *_placed(people), *_further(people)]
    kept = [column for column in made if _tells(column)]
    return pl.DataFrame(kept).with_row_index("unique_id").with_columns(pl.col("unique_id").cast(pl.Int64))


def _tells(column: pl.Series) -> bool:
    """Tell whether some share a value and some do not: else nothing is learned from comparing it."""
    values = column.drop_nulls()
    values = values.explode() if values.dtype == pl.List else values
    distinct = values.n_unique()
    near = column.name != "further" and not column.name.startswith("further_")
    return distinct > 1 and (near or distinct < len(values))


def _mapped(values: pl.Series, write: Callable[[str], str | None]) -> pl.Series:
    """Rewrite every distinct value once."""
    distinct = values.drop_nulls().unique().to_list()
    told = {value: write(value[:LONGEST]) or None for value in distinct}
    return values.replace_strict(list(told), list(told.values()), default=None, return_dtype=pl.String)


def _plain(value: str) -> str:
    """Fold a text, its words apart.

    >>> _plain("  Unit 3/12  Döbel-Street ")
    'unit 3 12 dobel street'
    """
    return " ".join(word for word in (folded(part) for part in _cut(value)) if word)


def _cut(value: str) -> list[str]:
    return "".join(sign if sign.isalnum() or sign == "'" else " " for sign in value).split()


def _names(people: pl.DataFrame) -> Iterator[pl.Series]:
    empty = pl.Series([None] * people.height, dtype=pl.String)
    given = people["given_name"] if "given_name" in people.columns else empty
    family = people["surname"] if "surname" in people.columns else empty
    if "full_name" in people.columns:
        whole = people["full_name"]
        lacks = given.is_null() & family.is_null()
        given = given.zip_with(~lacks, _mapped(whole, lambda name: split_name(name)[0]))
        family = family.zip_with(~lacks, _mapped(whole, lambda name: split_name(name)[1]))
    for name, said in (("given", given), ("surname", family)):
        yield _mapped(said, _plain).rename(name)
        if said.str.contains(HAN.pattern).any():
            yield _mapped(said, sounded).rename(f"{name}_sound")


def split_name(name: str) -> tuple[str, str]:
    """Part a whole name into given name and surname.

    >>> split_name("林婉清"), split_name("欧阳静姝"), split_name("Emma Mary Thornton"), split_name("Thornton, Emma")
    (('婉清', '林'), ('静姝', '欧阳'), ('Emma Mary', 'Thornton'), ('Emma', 'Thornton'))
    """
    joined = "".join(name.split())
    if HAN.match(joined):
        cut = 2 if joined[:2] in PAIRED and len(joined) > 2 else 1
        return joined[cut:], joined[:cut]
    if "," in name:
        family, _, given = name.partition(",")
        return given.strip(), family.strip()
    *first, last = name.split() or [""]
    return " ".join(first), last


def _birthday(people: pl.DataFrame) -> Iterator[pl.Series]:
    if "birthday" in people.columns:
        yield _mapped(people["birthday"], digits_of_day).rename("birthday")


def digits_of_day(text: str) -> str | None:
    """Write a day as digits of year, month and day, also one that no calendar has: a typo is still alike.

    >>> digits_of_day("1971-5-24"), digits_of_day("24/05/1971"), digits_of_day("19710524"), digits_of_day("24.05.71")
    ('19710524', '19710524', '19710524', '710524')
    """
    parts = "".join(sign if sign.isdigit() else " " for sign in text.split("T")[0]).split()[:3]
    if len(parts) == 3:
        if len(parts[0]) != 4:
            parts.reverse()
        return parts[0] + parts[1].zfill(2) + parts[2].zfill(2)
    digits = "".join(parts)
    if len(digits) == 8 and digits[:2] not in {"18", "19", "20"} and digits[4:6] in {"18", "19", "20"}:
        return digits[4:] + digits[2:4] + digits[:2]
    return digits or None


def _reached(people: pl.DataFrame) -> Iterator[pl.Series]:
    for field, name, write in (("phone", "phones", phone), ("email", "emails", email)):
        if field in people.columns:
            yield _listed(people[field], write).rename(name)


def _listed(said: pl.Series, write: Callable[[str], str | None]) -> pl.Series:
    """Write the values of everybody: as lists, or as they are where nobody has several."""
    if not said.str.contains(APART, literal=True).any():
        return _mapped(said, write)
    told = {value: _each(value, write) for value in said.drop_nulls().unique().to_list()}
    return pl.Series([told.get(value) for value in said.to_list()], dtype=pl.List(pl.String))


def _each(value: str, write: Callable[[str], str | None]) -> list[str] | None:
    return sorted({form for part in value.split(APART) if (form := write(part))}) or None


@cache
def phone(text: str) -> str | None:
    """Write a phone as E.164, or as its digits where it is none that there can be but more than a few.

    >>> phone("138 1234 5678"), phone("12-345-67"), phone("110")
    ('+8613812345678', '1234567', None)
    """
    found = read_phone(text, "CN")
    digits = "".join(sign for sign in text if sign.isdigit())
    return found[0] if found else (digits if len(digits) >= 6 else None)


def email(text: str) -> str | None:
    """Write an e-mail in small letters.

    >>> email(" Ada@X.com ")
    'ada@x.com'
    """
    return text.strip().lower() or None


def _placed(people: pl.DataFrame) -> Iterator[pl.Series]:
    for name in PLACES:
        if name in people.columns:
            yield _mapped(people[name], _plain).rename(name)


def _further(people: pl.DataFrame) -> Iterator[pl.Series]:
    further = [name for name in people.columns if name.startswith(FURTHER)]
    for number, name in enumerate(further):
        yield _mapped(people[name], _plain).rename(f"further_{number}")
