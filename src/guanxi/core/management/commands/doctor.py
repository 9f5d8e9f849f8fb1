"""Say what is wrong with this installation and how to mend it."""

from typing import Any

from guanxi.core import commands, doctor
from guanxi.core.errors import Failed

MARKS = {"good": "✓", "note": "·", "wrong": "✗"}


class Command(commands.Command):
    needs_book = False

    def run(self, **_: Any) -> list[dict[str, str]]:
        """Run every check; what is wrong makes the exit status 1."""
        self.findings = doctor.examine()
        return self.findings

    def words(self, result: Any) -> str:
        """One line per finding, the remedy below it."""
        lines = []
        for finding in result:
            lines.append(f"{MARKS[finding['state']]} {finding['check']}: {finding['sentence']}")
            if finding["remedy"]:
                lines.append(f"    {finding['remedy']}")
        return "\n".join(lines)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings, then fail where one is wrong."""
        super().handle(*args, **options)
        count = sum(finding["state"] == "wrong" for finding in self.findings)
        if count:
            raise Failed(f"{count} of {len(self.findings)} findings are wrong; the remedies stand below them.")
