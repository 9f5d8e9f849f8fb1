"""Look after who signs in, from the machine itself: lost second factors, and whether owners need one."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from guanxi.accounts import factors
from guanxi.accounts.models import SecondFactorRule, Staff, sign_in_form
from guanxi.core.commands import Command as OurCommand


class Command(OurCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        reset = self.subcommand(parser, "reset-second-factor", self.reset, help="forget the second factor of somebody")
        reset.add_argument("name", help="whose; the name they sign in by")
        rule = self.subcommand(parser, "second-factor", self.rule, help="say whether owners need a second factor")
        rule.add_argument("owners", choices=["required", "optional"])

    def reset(self, *, name: str, **_: Any) -> dict[str, Any]:
        staff = Staff.objects.filter(sign_in_name=sign_in_form(name)).first()
        if staff is None:
            raise CommandError(f"Nobody signs in as {name!r}.")
        return {
            "sign_in_name": staff.sign_in_name,
            "removed": factors.remove(staff, by=None, act="staff.second_factor_reset"),
        }

    def rule(self, *, owners: str, **_: Any) -> dict[str, Any]:
        SecondFactorRule.change(required=owners == "required", by=None)
        return {"owners": owners}
