"""The sentence of the day: the one change most worth knowing, and its cause only where the figures show it.

Every rule looks at the same figures and says a sentence with a weight, the share of the shop it moves; the heaviest
wins.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.insight.models import ShopRun
from guanxi.insight.trading import Trade, growth
from guanxi.pages import formats, moments
from guanxi.pages.home import Said
from guanxi.shop.calendar import last_great

AFTER_DAYS = 14  # how long a festival is worth mentioning
WORTH_SAYING = 0.05
CAUSE = 0.6  # a part that makes up so much of a change is its cause

Rule = Callable[[Trade, ShopRun, str], Iterator[Said]]


def tell(trade: Trade, run: ShopRun, currency: str) -> Said | None:
    """Say what is most worth knowing; None where nothing was sold."""
    if not trade.now.orders:
        return None
    said = [each for rule in (_change, _who_carries, _falling_asleep, _plain) for each in rule(trade, run, currency)]
    heaviest = max(said, key=lambda each: each.weight)
    return Said(text=_opened(heaviest.text, trade), weight=heaviest.weight, note=_seen_from(trade))


def _change(trade: Trade, _run: ShopRun, currency: str) -> Iterator[Said]:
    """Say by how much net sales moved, and who moved them."""
    then = trade.then
    moved = growth(trade.now.net_minor, then.net_minor) if then else None
    if then is None or moved is None or abs(moved) < WORTH_SAYING:
        return
    difference = trade.now.net_minor - then.net_minor
    parts = {
        "returning": trade.now.returning_net_minor - then.returning_net_minor,
        "new": trade.now.new_net_minor - then.new_net_minor,
        "guest": trade.now.guest_net_minor - then.guest_net_minor,
    }
    cause = next((name for name, part in parts.items() if part / difference >= CAUSE), "")
    told = {"percent": formats.percent(abs(moved)), "part": _amount(abs(parts.get(cause, 0)), currency)}
    yield Said(text=_moved(moved > 0, cause) % told, weight=abs(moved))


def _moved(rose: bool, cause: str) -> str:  # noqa: FBT001 - half of the key of a table
    texts = {
        (True, "returning"): _("net sales rose by %(percent)s: returning customers brought %(part)s more"),
        (True, "new"): _("net sales rose by %(percent)s: new customers brought %(part)s more"),
        (True, "guest"): _("net sales rose by %(percent)s: guests brought %(part)s more"),
        (True, ""): _("net sales rose by %(percent)s"),
        (False, "returning"): _("net sales fell by %(percent)s: returning customers brought %(part)s less"),
        (False, "new"): _("net sales fell by %(percent)s: new customers brought %(part)s less"),
        (False, "guest"): _("net sales fell by %(percent)s: guests brought %(part)s less"),
        (False, ""): _("net sales fell by %(percent)s"),
    }
    return texts[rose, cause]


def _who_carries(trade: Trade, _run: ShopRun, _currency: str) -> Iterator[Said]:
    """Say who keeps the shop going where new customers move another way than the rest."""
    then, net = trade.then, trade.now.net_minor
    moved = growth(trade.now.new_customers, then.new_customers) if then else None
    if then is None or moved is None or net <= 0 or abs(moved) < 2 * WORTH_SAYING:
        return
    told = {"moved": formats.percent(abs(moved))}
    if moved < 0 and trade.now.returning_net_minor * 2 > net:
        told["share"] = formats.percent(trade.now.returning_net_minor / net, 0)
        text = _("returning customers carried the shop with %(share)s of net sales; new customers fell by %(moved)s")
        yield Said(text=text % told, weight=-moved)
    if moved > 0 and trade.now.new_net_minor > then.new_net_minor:
        told["share"] = formats.percent(trade.now.new_net_minor / net, 0)
        yield Said(
            text=_("new customers rose by %(moved)s and brought %(share)s of net sales") % told, weight=moved / 2
        )


def _falling_asleep(trade: Trade, run: ShopRun, _currency: str) -> Iterator[Said]:
    """Say how many customers fell asleep where clearly more did than came back."""
    asleep, back = run.moves.get("active>dormant", 0), run.moves.get("dormant>active", 0)
    awake = sum(count for move, count in run.moves.items() if move.endswith((">active", ">new")))
    if trade.span.end != run.as_of or not awake or asleep <= 2 * back or asleep < WORTH_SAYING * awake:
        return
    told = {"asleep": formats.count(asleep), "back": formats.count(back)}
    text = ngettext(
        "%(asleep)s customer fell asleep in 30 days, %(back)s came back",
        "%(asleep)s customers fell asleep in 30 days, %(back)s came back",
        asleep,
    )
    yield Said(text=text % told, weight=(asleep - back) / awake / 2)


def _plain(trade: Trade, _run: ShopRun, currency: str) -> Iterator[Said]:
    """Say what was sold, where nothing else is worth more."""
    net = trade.now.net_minor
    told = {"net": _amount(net, currency), "days": formats.count(len(trade.days))}
    if trade.then is not None and growth(net, trade.then.net_minor) is not None:
        yield Said(text=_("net sales stand where they stood: %(net)s in %(days)s days") % told, weight=0)
    elif net > 0 and trade.now.returning_net_minor > 0:
        told["share"] = formats.percent(trade.now.returning_net_minor / net, 0)
        yield Said(text=_("%(net)s in %(days)s days, %(share)s of it from returning customers") % told, weight=0)
    else:
        yield Said(text=_("%(net)s net sales in %(days)s days") % told, weight=0)


def _opened(text: str, trade: Trade) -> str:
    """Open with the festival that has just passed, and close with a full stop."""
    found = last_great(trade.span.end, within_days=AFTER_DAYS)
    if found and found[0] != trade.span.end:
        told: dict[str, Any] = {"festival": found[1], "rest": text}
        text = _("after %(festival)s, %(rest)s") % told
    return text[:1].upper() + text[1:] + ("。" if formats.chinese() else ".")


def _seen_from(trade: Trade) -> str:
    """Say that the shop is seen from an earlier day, where its trade has ended."""
    day = {"day": moments.full_day(trade.span.end)}
    return _("Seen from %(day)s, the last day observed.") % day if trade.span.moved else ""


def _amount(minor: int, currency: str) -> str:
    return str(formats.money_large(minor, currency))
