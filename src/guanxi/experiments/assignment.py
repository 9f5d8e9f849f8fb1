"""Who gets which arm: by a hash of the experiment and the unit alone, so that nothing has to be kept.

A unit is whatever is assigned: a customer, a device, an order. Each arm draws a waiting time for the unit, exponential
with the arm's weight as its rate, and the first one has it. So an arm gets its share of the weights, and where an arm
is added or gains weight, units move into that arm alone, and between the others nobody moves.

Source: Thaler, Ravishankar (1998), Using Name-Based Mappings to Increase Hit Rates, IEEE/ACM Transactions on Networking
6(1), with the weights of Schindelhauer, Schomaker (2005), Weighted Distributed Hash Tables, SPAA.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from guanxi.core.errors import BadInput

STEPS = 1 << 53


class BadExperiment(BadInput):
    """An experiment that cannot be set up, or a file of one that cannot be read."""


def chance(*names: str) -> float:
    """Give the number above 0 and below 1 that belongs to these names, everywhere and for good.

    >>> chance("free shipping", "cus_1") == chance("free shipping", "cus_1") != chance("free shipping", "cus_2")
    True
    """
    letters = b"".join(len(name.encode()).to_bytes(8, "big") + name.encode() for name in names)
    drawn = int.from_bytes(hashlib.blake2b(letters, digest_size=8).digest(), "big") >> 11
    return (drawn + 0.5) / STEPS


@dataclass(frozen=True)
class HoldOut:
    """A share of all units that no experiment of its name touches, to measure by.

    Who is held out with a small share is held out with a greater one too.
    """

    name: str
    share: float

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1:
            raise BadExperiment("A hold-out is a share of at least 0 and below 1.")

    def holds(self, unit: str) -> bool:
        """Whether the unit is held out."""
        return chance("hold-out", self.name, unit) < self.share


@dataclass(frozen=True)
class Trial:
    """One experiment: its name, the weight of each arm, the share of units in it, and who is held out of it.

    A trial that grows, from 0.1 of all units to 0.5 say, keeps whom it had, each in the same arm. Trials of other names
    assign independently.

    >>> trial = Trial("free shipping", {"as it is": 1, "from 99": 1})
    >>> trial.arm_of("cus_9WDVSQ5ZMMZ0N")
    'from 99'
    """

    name: str
    weights: Mapping[str, float]
    share: float = 1.0
    hold_out: HoldOut | None = field(default=None)

    def __post_init__(self) -> None:
        if not self.weights or not all(0 < weight < math.inf for weight in self.weights.values()):
            raise BadExperiment("An experiment has at least one arm, and each has a weight above 0.")
        if not 0 < self.share <= 1:
            raise BadExperiment("An experiment takes a share of the units above 0, and at most all.")

    def arm_of(self, unit: str) -> str | None:
        """Give the unit's arm, or None where it is held out or not in the experiment."""
        if self.hold_out and self.hold_out.holds(unit):
            return None
        if self.share < 1 and chance("share", self.name, unit) >= self.share:
            return None
        return min(self.weights, key=lambda arm: -math.log(chance("arm", self.name, arm, unit)) / self.weights[arm])
