"""How long it takes to follow the audit trail from its first entry to its last, and to link new entries to it.

Run with `python -m benchmarks.trail [entries]`: a third of the entries are about people, and sealed. Prints
`name value unit ratio-to-what ratio` lines.
"""

import os
import statistics
import sys
import tempfile
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ.setdefault("GUANXI_HOME", tempfile.mkdtemp(prefix="guanxi-bench-"))

import django

django.setup()

from django.utils import timezone

from guanxi.accounts import chain
from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core import book

VERIFY_S, AT_ONCE, TIMES = 3, 5_000, 3
CHANGES = '{"city": ["杭州", "苏州"], "language": ["en", "zh-hans"]}'


def fill(entries: int) -> None:
    """Write entries as staff leave them behind in a year."""
    staff = Staff.objects.filter(sign_in_name="bench").first() or Staff(sign_in_name="bench", role="agent")
    staff.set_unusable_password()
    staff.save()
    now = timezone.now()
    for begin in range(0, entries, AT_ONCE):
        AuditEntry.objects.bulk_create(entry(key, staff, now) for key in range(begin, min(begin + AT_ONCE, entries)))


def entry(key: int, staff: Staff, now: object) -> AuditEntry:
    """Write the entry of that number."""
    said = {"person": key, "sealed": bytes(120)} if key % 3 == 0 else {"changes": CHANGES}
    subject = f"customer:{key}"
    return AuditEntry(at=now, by=staff, act="customer.corrected", subject=subject, address="203.0.113.7", **said)


def main(entries: int = 100_000) -> None:
    """Fill the trail, link it, follow it."""
    book.prepare()
    fill(entries)
    begun = time.perf_counter()
    sealed = chain.seal_new()
    print(f"trail_linked {sealed / (time.perf_counter() - begun):.0f} entries/s of_{entries} {sealed / entries:.2f}")
    checks = [chain.verify() for _ in range(TIMES)]
    assert checks[0].entries >= entries
    seconds = statistics.median(each.seconds for each in checks) * 100_000 / entries
    print(f"audit_verify_100000 {seconds:.2f} s limit_{VERIFY_S}_s {seconds / VERIFY_S:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
