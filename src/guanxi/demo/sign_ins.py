"""Who works in the demo shop: five people, one of each role, whose pass phrase everybody may know."""

from dataclasses import dataclass

from guanxi.accounts.models import OwnerLink, SecondFactorRule, Staff
from guanxi.accounts.roles import Role
from guanxi.demo.outlets import CHINA_TIME

PASS_PHRASE = "spring tea on the hill"  # noqa: S105 - the shop is made up, and the phrase is told on the screen


@dataclass(frozen=True)
class SignIn:
    """A sign-in of the demo."""

    name: str
    display_name: str
    role: Role

    @property
    def told(self) -> dict[str, str]:
        """What a newcomer has to know of it."""
        return {"sign_in_name": self.name, "password": PASS_PHRASE, "role": str(self.role), "name": self.display_name}


SIGN_INS = (
    SignIn("owner", "苏梅 Su Mei", Role.OWNER),
    SignIn("marketer", "周宁 Zhou Ning", Role.MARKETER),
    SignIn("agent", "何小满 He Xiaoman", Role.AGENT),
    SignIn("analyst", "Ada Lindqvist", Role.ANALYST),
    SignIn("clerk", "陈默 Chen Mo", Role.CLERK),
)


def hire() -> dict[Role, Staff]:
    """Take everybody on; who works here already stays as they are."""
    if not Staff.objects.owners().exists():
        owner = SIGN_INS[0]
        OwnerLink.redeem(
            OwnerLink.issue(), sign_in_name=owner.name, display_name=owner.display_name, password=PASS_PHRASE,
            time_zone=CHINA_TIME,
        )  # fmt: skip
        SecondFactorRule.change(required=False, by=None)  # its pass phrase is told to everybody
    return {
        each.role: Staff.hire(
            each.name, display_name=each.display_name, role=each.role, password=PASS_PHRASE, time_zone=CHINA_TIME
        )
        for each in SIGN_INS
    }
