"""How what people did on pages and in apps is told on their timeline: as somebody at the counter would say it."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.catalog.models import Variant
from guanxi.core.money import CURRENCIES, exponent
from guanxi.customers.models import Event
from guanxi.customers.timeline import Chapter, here
from guanxi.ingest.collection.properties import products
from guanxi.pages import formats
from guanxi.pages.components import Occurrence, Tone

LETTERS, FEW, MOST = 60, 3, 10**9
Told = tuple[str | SafeString, str, str]  # sentence, icon, tone
Goods = Mapping[str, str]  # names by SKU
GOOD_EVENTS = ("Product Viewed", "Product Clicked")
PAGE_EVENTS = ("Page Viewed", "Screen Viewed")
ALIKE = (*GOOD_EVENTS, *PAGE_EVENTS, "Product List Viewed")


def tell(events: Sequence[Event]) -> dict[int, Occurrence]:
    """Tell events of pages and apps; the goods they name by number alone are read once."""
    goods = _goods(events)
    return {event.pk: _told(event, goods) for event in events}


def together(events: Sequence[Event]) -> Occurrence:
    """Tell a visit, the newest event first, as one: nobody reads eleven lines of looking around.

    Goods they looked at say more than the pages they are on; these are counted below, after what brought them here.
    """
    at, known = here(events[0].occurred_at), _goods(events)
    goods = [_good(event, known) for event in events if event.name in GOOD_EVENTS]
    pages = [event for event in events if event.name in PAGE_EVENTS]
    whence = next(filter(None, map(_whence, reversed(events))), "")
    if not goods:
        titles = [_text(event, "title", "name", "category", "path", "list_id") or "/" for event in events]
        return Occurrence(at, _listed(titles, _opened), "world", cause=whence)
    count = ngettext("%(count)s page", "%(count)s pages", len(pages)) % {"count": formats.count(len(pages))}
    cause = " · ".join(filter(None, (whence, count if pages else "")))
    return Occurrence(at, _listed(goods, _looked_at), "eye", cause=cause)


def _listed(words: Sequence[str], pattern: Callable[[int], str]) -> SafeString:
    """Name the first few of some things, each once, and count the rest."""
    names = list(dict.fromkeys(words))
    comma = "、" if formats.chinese() else ", "
    listed = SafeString(comma.join(f"<b>{conditional_escape(name)}</b>" for name in names[:FEW]))
    more = max(len(names) - FEW, 0)
    return format_html(pattern(more), names=listed, count=formats.count(more))


def _looked_at(more: int) -> str:
    if not more:
        return _("Looked at {names}")
    return ngettext("Looked at {names} and {count} more", "Looked at {names} and {count} more", more)


def _opened(more: int) -> str:
    if not more:
        return _("Looked around: {names}")
    return ngettext("Looked around: {names} and {count} more", "Looked around: {names} and {count} more", more)


def _told(event: Event, goods: Goods) -> Occurrence:
    sentence, icon, tone = TELLERS[event.name](event, goods)
    return Occurrence(here(event.occurred_at), sentence, icon, tone, _whence(event), _worth(event))


def _goods(events: Sequence[Event]) -> Goods:
    skus = {
        str(p.get("sku") or p.get("product_id")) for e in events for p in products(e.properties) if not p.get("name")
    }
    if not skus:
        return {}
    return dict(Variant.objects.filter(sku__in=skus).values_list("sku", "product__name"))


def _text(event: Event, *names: str) -> str:
    values = (event.properties.get(name) for name in names)
    return next((str(each)[:LETTERS] for each in values if isinstance(each, (str, int, float)) and each != ""), "")


def _good(event: Event, goods: Goods) -> str:
    """Name the good an event is about: as it says itself, as the catalogue has it, else by its number."""
    number = _text(event, "sku", "product_id")
    return _text(event, "name") or goods.get(number, "")[:LETTERS] or number or _("something")


def _whence(event: Event) -> str:
    """Say by what they came, where this visit says so."""
    if event.name != "Page Viewed":
        return ""
    if campaign := _text(event, "utm_campaign", "utm_source"):
        return _("By the campaign %(name)s") % {"name": campaign}
    referrer = _text(event, "referrer").partition("/")[0]
    return _("From %(place)s") % {"place": referrer} if referrer else ""


def _worth(event: Event) -> str:
    """Write what it was worth, for what puts something into the cart or takes it to the till."""
    if event.name not in {"Product Added", "Checkout Started", "Product Viewed"}:
        return ""
    told, currency = event.properties, _text(event, "currency")
    value = told.get("value", told.get("total", told.get("price")))
    if currency not in CURRENCIES or isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    return formats.money(round(value * 10 ** exponent(currency)), currency) if abs(value) < MOST else ""


def _of_good(pattern: Callable[[], str], icon: str) -> Callable[[Event, Goods], Told]:
    def told(event: Event, goods: Goods) -> Told:
        return format_html(pattern(), good=_good(event, goods)), icon, ""

    return told


def _of(pattern: Callable[[], str], icon: str, *names: str, tone: str = "") -> Callable[[Event, Goods], Told]:
    def told(event: Event, _goods: Goods) -> Told:
        return format_html(pattern(), what=_text(event, *names) or _("one without a name")), icon, tone

    return told


def _plain(pattern: Callable[[], str], icon: str) -> Callable[[Event, Goods], Told]:
    return lambda _event, _goods: (pattern(), icon, "")


def _searched(event: Event, _goods: Goods) -> Told:
    query = event.properties.get("query")
    said = query if isinstance(query, str) else ""
    nothing = any(event.properties.get(name) == 0 for name in ("results", "results_count", "number_of_results"))
    words = _("Searched for “{query}” and found nothing") if nothing else _("Searched for “{query}”")
    return format_html(words, query=said[:LETTERS]), "search", Tone.WARN if nothing else ""


def _page(event: Event, _goods: Goods) -> Told:
    return format_html(_("Opened the page {page}"), page=_text(event, "title", "name", "path") or "/"), "world", ""


def _reviewed(event: Event, _goods: Goods) -> Told:
    stars = _text(event, "rating")
    if not stars:
        return _("Wrote a review"), "star", ""
    return format_html(_("Wrote a review: {stars} of 5"), stars=stars), "star", ""


def _points(event: Event, _goods: Goods) -> Told:
    return format_html(_("Earned {count} points"), count=_text(event, "points") or "0"), "gift", Tone.GOOD


BROWSING: dict[str, Callable[[Event, Goods], Told]] = {
    "Page Viewed": _page,
    "Screen Viewed": _of(lambda: _("Opened {what} in the app"), "device-mobile", "name"),
    "Products Searched": _searched,
    "Product List Viewed": _of(lambda: _("Looked at the list {what}"), "list", "category", "list_id"),
    "Product List Filtered": _of(lambda: _("Narrowed the list {what}"), "filter", "category", "list_id"),
    "Promotion Viewed": _of(lambda: _("Saw the promotion {what}"), "discount", "name", "promotion_id"),
    "Promotion Clicked": _of(lambda: _("Opened the promotion {what}"), "discount", "name", "promotion_id"),
    "Product Clicked": _of_good(lambda: _("Looked at <b>{good}</b>"), "eye"),
    "Product Viewed": _of_good(lambda: _("Looked at <b>{good}</b>"), "eye"),
    "Product Shared": _of_good(lambda: _("Shared <b>{good}</b>"), "share-3"),
    "Product Reviewed": _reviewed,
    "Experiment Viewed": _of(lambda: _("Saw a variant of the experiment {what}"), "route", "experiment_name"),
}
BUYING: dict[str, Callable[[Event, Goods], Told]] = {
    "Product Added": _of_good(lambda: _("Put <b>{good}</b> into the cart"), "shopping-cart"),
    "Product Purchased": _of_good(lambda: _("Bought <b>{good}</b>"), "shopping-bag"),
    "Product Removed": _of_good(lambda: _("Took <b>{good}</b> out of the cart"), "shopping-cart-x"),
    "Cart Viewed": _plain(lambda: _("Looked at the cart"), "shopping-cart"),
    "Cart Shared": _plain(lambda: _("Shared the cart"), "share-3"),
    "Checkout Started": _plain(lambda: _("Started the checkout"), "credit-card"),
    "Checkout Step Viewed": _of(lambda: _("Came to step {what} of the checkout"), "credit-card", "step"),
    "Checkout Step Completed": _of(lambda: _("Finished step {what} of the checkout"), "credit-card", "step"),
    "Payment Info Entered": _plain(lambda: _("Said how to pay"), "credit-card"),
    "Coupon Entered": _of(lambda: _("Entered the coupon {what}"), "ticket", "coupon_name", "coupon_id"),
    "Coupon Applied": _of(lambda: _("Used the coupon {what}"), "ticket", "coupon_name", "coupon_id", tone=Tone.GOOD),
    "Coupon Denied": _of(
        lambda: _("The coupon {what} was not taken"), "ticket", "coupon_name", "coupon_id", tone=Tone.WARN
    ),
    "Coupon Removed": _of(lambda: _("Took the coupon {what} back"), "ticket", "coupon_name", "coupon_id"),
    "Product Added to Wishlist": _of_good(lambda: _("Put <b>{good}</b> on the wish list"), "heart"),
    "Product Removed from Wishlist": _of_good(lambda: _("Took <b>{good}</b> off the wish list"), "heart"),
    "Wishlist Product Added to Cart": _of_good(
        lambda: _("Put <b>{good}</b> from the wish list into the cart"), "shopping-cart"
    ),
}  # fmt: skip
ANSWERS: dict[str, Callable[[Event, Goods], Told]] = {
    "Message Delivered": _plain(lambda: _("A message was delivered"), "mail"),
    "Message Opened": _plain(lambda: _("Opened a message"), "mail-opened"),
    "Message Clicked": _plain(lambda: _("Followed a link of a message"), "link"),
    "Email Delivered": _of(lambda: _("The e-mail “{what}” was delivered"), "mail", "email_subject", "campaign_name"),
    "Email Opened": _of(lambda: _("Opened the e-mail “{what}”"), "mail-opened", "email_subject", "campaign_name"),
    "Email Link Clicked": _of(
        lambda: _("Followed a link of the e-mail “{what}”"), "link", "email_subject", "campaign_name"
    ),
    "Email Bounced": _of(
        lambda: _("The e-mail “{what}” came back"), "alert-circle", "email_subject", "campaign_name", tone=Tone.WARN
    ),
    "Email Marked as Spam": _of(
        lambda: _("Called the e-mail “{what}” spam"), "ban", "email_subject", "campaign_name", tone=Tone.DANGER
    ),
    "Unsubscribed": _plain(lambda: _("Unsubscribed"), "ban"),
    "Ticket Opened": _of(lambda: _("Opened a ticket: {what}"), "message-exclamation", "subject", "ticket_id"),
    "Points Earned": _points,
}
TELLERS = BROWSING | BUYING | ANSWERS
PASSIVE = ("Coupon Denied",)
ANSWERED = ("Message Opened", "Message Clicked", "Email Opened", "Email Link Clicked", "Email Marked as Spam",
            "Unsubscribed", "Ticket Opened", "Points Earned")  # fmt: skip
CHAPTERS = (
    Chapter(
        "browsing", gettext_lazy("Browsing"), tuple(BROWSING), tell, order=20, alike=ALIKE, together=together,
        theirs=tuple(BROWSING),
    ),
    Chapter(
        "buying", gettext_lazy("Cart and checkout"), tuple(BUYING), tell, order=15,
        theirs=tuple(name for name in BUYING if name not in PASSIVE),
    ),
    Chapter("answers", gettext_lazy("Messages and service"), tuple(ANSWERS), tell, order=30, theirs=ANSWERED),
)  # fmt: skip
