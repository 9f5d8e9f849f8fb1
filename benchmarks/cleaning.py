"""How fast names, phones, e-mails and addresses are judged, beside the bare libraries that read them.

Run with `python -m benchmarks.cleaning [rows]`. The reference of phones is a bare parse and check by phonenumbers, that
of e-mails a bare check of their syntax by email-validator, both over the same rows in the same run. Names and addresses
have none. The processor's time counts. Prints `name value unit ratio-to-what ratio` lines.
"""

import os
import random
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ.setdefault("GUANXI_HOME", tempfile.mkdtemp(prefix="guanxi-bench-"))

import django

django.setup()

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from guanxi.identity.cleaning import divisions, phones
from guanxi.identity.cleaning.addresses import split_address
from guanxi.identity.cleaning.emails import judge_email
from guanxi.identity.cleaning.names import read_name
from guanxi.identity.cleaning.phones import judge_phone, origin_of

ROUNDS = int(os.environ.get("GUANXI_BENCH_ROUNDS", "3"))
HOSTS = ("qq.com", "163.com", "gmail.com", "gmial.com", "mailinator.com", "example.org", "hotmial.com")
MANY = 20_000


def bare_phone(text: str) -> object:
    """Read a phone as phonenumbers alone does."""
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.is_valid_number(number) and phonenumbers.format_number(number, 0)


def bare_email(text: str) -> object:
    """Read an e-mail as email-validator alone does."""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def rate(judge: Callable[[str], object], texts: Sequence[str]) -> float:
    """Judge all texts a few times, and give the rows of a second in the median round."""
    spent = []
    for _nth in range(ROUNDS):
        begun = time.process_time()
        for text in texts:
            judge(text)
        spent.append(time.process_time() - begun)
    return len(texts) / statistics.median(spent)


def texts(rows: int) -> dict[str, list[str]]:
    """Make rows as shops have them, one in fifty of them nonsense."""
    draw = random.Random(11)
    places = [place for place in divisions.places() if place.level == divisions.DISTRICT]
    surnames, given = "王李张刘陈杨黄赵吴周", "晓雨明华丽芳伟强敏静"
    return {
        "phones": [f"1{draw.choice('3589')}{draw.randrange(10**9):09}" if draw.random() > 0.02 else "12345678"
                   for _ in range(rows)],
        "emails": [f"{draw.choice('abcdefgh')}{draw.randrange(10**6)}@{draw.choice(HOSTS)}" for _ in range(rows)],
        "names": [draw.choice(surnames) + draw.choice(given) + draw.choice(given) if draw.random() > 0.2
                  else "EMMA TAYLOR" for _ in range(rows)],
        "addresses": [_address(draw.choice(places), draw) for _ in range(rows)],
    }  # fmt: skip


def _address(place: divisions.Place, draw: random.Random) -> str:
    written, above = place.name, place.within
    while above is not None and draw.random() > 0.1:
        written, above = above.name + written, above.within
    return f"{written}{draw.choice(('文三路', '人民路', '中山大道'))}{draw.randrange(900)}号"


def main() -> None:
    """Measure and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    tracemalloc.start()
    begun = time.process_time()
    divisions.spellings()
    print(f"divisions_load {(time.process_time() - begun) * 1000:.0f} ms itself 1.0")
    print(f"divisions_memory {tracemalloc.get_traced_memory()[0] / 1e6:.1f} MB itself 1.0")
    tracemalloc.stop()
    told = texts(rows)
    for name, judge, bare in (("phones", judge_phone, bare_phone), ("emails", judge_email, bare_email)):
        reference, ours = rate(bare, told[name]), rate(judge, told[name])
        print(f"{name}_bare {reference:.0f} rows/s itself 1.0")
        print(f"{name} {ours:.0f} rows/s {name}_bare {reference / ours:.2f}", flush=True)
    alone = {"names": rate(read_name, told["names"]), "addresses": rate(split_address, told["addresses"])}
    known = [read.value for read in map(judge_phone, told["phones"]) if read.value]
    alone |= {"phones_known": rate(phones.judge_known, known), "origins": rate(origin_of, known)}
    for name, ours in alone.items():
        print(f"{name} {ours:.0f} rows/s itself 1.0", flush=True)


if __name__ == "__main__":
    main()
