"""The week as one HTML file that can be sent or printed: it fetches nothing, runs nothing and leads nowhere."""

from pathlib import Path

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.core.errors import BadInput
from guanxi.insight.goals.review import Review
from guanxi.orders.models import Company

STYLE = Path(__file__).with_suffix(".css")


class NotWritten(BadInput):
    """The file cannot be written where it should be."""


def html(review: Review) -> str:
    """Write a week as HTML in the language that is active."""
    company = Company.current()
    told = {
        "review": review, "language": get_language() or "en", "shop": company.name if company else "",
        "style": mark_safe(f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>"),  # noqa: S308 - a file of our own
        "written_at": timezone.now(),
    }  # fmt: skip
    return render_to_string("insight/review_digest.html", told)


def write(review: Review, file: Path) -> None:
    """Write the week to a file, the whole of it or nothing. Raises NotWritten."""
    draft = file.with_name(f".{file.name}.part")
    try:
        draft.write_text(html(review), encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        said = {"file": file, "why": error.strerror or type(error).__name__}
        raise NotWritten(_("%(file)s cannot be written: %(why)s. Name another file.") % said) from error
    finally:
        if draft.is_file():
            draft.unlink()
