"""What was typed into a form that was sent too late: kept on the sign-in page, and handed back after it.

It stays between the browser and us, so that nothing of it is written down anywhere. The token against forged requests
was right before it is kept, and a person sends it again by hand.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.http import HttpRequest, QueryDict

NOT_KEPT = ("csrfmiddlewaretoken", "password")
NOT_TYPED = ("once", "seen")


@dataclass(frozen=True)
class Kept:
    """A form that waits: the address it was sent to, and its fields."""

    path: str
    fields: Sequence[tuple[str, str]]

    @classmethod
    def sent(cls, request: HttpRequest) -> Self:
        """Take what a request sent; never a password."""
        pairs = [(name, value) for name, values in request.POST.lists() for value in values]
        return cls(request.get_full_path(), [pair for pair in pairs if not pair[0].startswith(NOT_KEPT)])

    @classmethod
    def of(cls, data: QueryDict) -> Self | None:
        """Read back what the sign-in page carried; None where it carried nothing that can be read."""
        try:
            told: Any = json.loads(data.get("kept", ""))
            return cls(str(told["path"]), [(str(name), str(value)) for name, value in told["fields"]])
        except (ValueError, TypeError, KeyError):
            return None

    @property
    def text(self) -> str:
        """Write it as the sign-in page carries it."""
        return json.dumps({"path": self.path, "fields": list(self.fields)})

    @property
    def typed(self) -> list[str]:
        """What a person would recognise as their own words."""
        return [value for name, value in self.fields if _is_typed(name, value)][:6]


def _is_typed(name: str, value: str) -> bool:
    return bool(value.strip()) and not value.isdecimal() and name not in NOT_TYPED
