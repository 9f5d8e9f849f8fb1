"""Where the tea house sells: five outlets, and how each one's files are to be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guanxi.demo.words import WORDS

CHINA_TIME = "Asia/Shanghai"


@dataclass(frozen=True, kw_only=True, eq=False)
class Outlet:
    """A store of the demo: how trade goes there, and the mapping that reads its order file (none: a preset does).

    `source` is the name under which an import keeps what the outlet knows of people.
    """

    code: str
    name: str
    channel: str
    season: str = "online"
    currency: str = "CNY"
    time_zone: str = CHINA_TIME
    source: str
    share: int
    mapping: Mapping[str, Any] = field(default_factory=dict)

    @property
    def store(self) -> dict[str, str]:
        """What an import says of its store."""
        return {
            "code": self.code, "name": self.name, "channel": self.channel, "currency": self.currency,
            "time_zone": self.time_zone,
        }  # fmt: skip


def _mapping(name: str) -> dict[str, Any]:
    """How the file of an outlet without a preset is read."""
    return {**WORDS["columns"][name], "states": WORDS["states"].get(name, {})}


OWN = Outlet(
    code="hillside", name="官网 hillsidetea.com", channel="own", source="own", share=19, mapping=_mapping("own")
)  # fmt: skip
COUNTER = Outlet(
    code="hefang", name="河坊街店 Hefang Street", channel="counter", season="counter", source="counter", share=14,
    mapping=_mapping("counter"),
)  # fmt: skip
WECHAT = Outlet(
    code="mini", name="小程序 Mini program", channel="wechat", source="wechat", share=20, mapping=_mapping("wechat")
)  # fmt: skip
TMALL = Outlet(
    code="tmall", name="天猫旗舰店 Tmall", channel="tmall", source="taobao", share=36,
    mapping={"preset": "taobao-orders"},
)  # fmt: skip
SHOPIFY = Outlet(
    code="shopify", name="Hillside Tea International", channel="shopify", season="abroad", currency="USD",
    time_zone="America/New_York", source="shopify", share=11, mapping={"preset": "shopify-orders"},
)  # fmt: skip

# The outlets that tell of shelves come first, so that the goods are on them from the beginning.
OUTLETS = (OWN, WECHAT, COUNTER, TMALL, SHOPIFY)
MEMBERS: Mapping[str, str] = WORDS["columns"]["members"]  # how the member lists of those that keep one are read
VISITS: Mapping[str, Any] = WORDS["columns"]["visits"]  # and the files of what happened on their pages
KEEP_MEMBERS = (OWN, COUNTER, TMALL)
