"""The panels that customers bring to a customer's page, and the acts in them."""

from collections import defaultdict
from dataclasses import dataclass
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from guanxi.accounts.models import SentForm, Staff
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers import timeline
from guanxi.customers.faces import SEEN_BY, masked, source_name
from guanxi.customers.forms import WAYS, ConsentForm, NoteForm, TagForm
from guanxi.customers.head import head_of
from guanxi.customers.models import (
    Channel,
    Consent,
    Customer,
    Identifier,
    MergeLog,
    Purpose,
    SourceProfile,
    Tag,
    Wording,
)
from guanxi.customers.older import Place
from guanxi.customers.reveal import REVEALED
from guanxi.customers.trade import trade
from guanxi.pages import toasts
from guanxi.pages.components import Tab

NOTES = 5
CHANNEL_ICONS = {
    Channel.EMAIL: "mail",
    Channel.SMS: "device-mobile-message",
    Channel.WECHAT: "brand-wechat",
    Channel.PUSH: "bell",
    Channel.PHONE: "phone",
}
KIND_ICONS = {
    Identifier.Kind.PHONE: "phone",
    Identifier.Kind.EMAIL: "mail",
    Identifier.Kind.UNIONID: "brand-wechat",
    Identifier.Kind.OPENID: "brand-wechat",
    Identifier.Kind.MEMBER_CARD: "id-badge-2",
    Identifier.Kind.EXTERNAL_ID: "building-store",
    Identifier.Kind.DEVICE: "device-mobile",
}


@dataclass
class Known:
    """One word a person is recognised by, and who knows them by it."""

    identifier: Identifier
    sources: list[str]

    @property
    def icon(self) -> str:
        """The icon of its kind."""
        return KIND_ICONS[Identifier.Kind(self.identifier.kind)]

    @property
    def value(self) -> str:
        """The masked value."""
        return masked(self.identifier)


@dataclass(frozen=True)
class Stance:
    """What a person says to one channel and purpose: the newest consent, in force or not."""

    channel: Channel
    purpose: Purpose
    consent: Consent | None
    wordings: tuple[Wording, ...] = ()

    @property
    def icon(self) -> str:
        """The channel's icon."""
        return CHANNEL_ICONS[self.channel]

    @property
    def in_force(self) -> bool:
        """Whether one may speak to them."""
        return self.consent is not None and self.consent.withdrawn_at is None

    @property
    def source(self) -> str:
        """How the consent came to us, in words."""
        return str(WAYS.get(self.consent.source, self.consent.source)) if self.consent else ""


@require_GET
@needs("customers.view")
def identity(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show by which words a person is recognised, and why they are one."""
    customer = _customer(request, customer_id)
    profiles = SourceProfile.objects.filter(customer=customer).prefetch_related("identifiers").order_by("pk")
    joined = MergeLog.objects.filter(customer=customer).select_related("by").order_by("-pk")[:5]
    hidden = {kind for kind, permission in SEEN_BY.items() if not request.user.may(permission)}
    context = {
        "customer": customer,
        "known": [each for each in _known(list(profiles)) if each.identifier.kind not in hidden],
        "joined": [_reason(entry) for entry in joined],
        "may_reveal": any(request.user.may(permission) for permission in REVEALED.values()),
    }
    return render(request, "customers/identity_panel.html", context)


@require_GET
@needs("customers.view")
def consents(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show by which channels one may speak to a person."""
    return _consents(request, _customer(request, customer_id))


@require_POST
@needs("customers.change")
def consent_agreement(request: StaffRequest, customer_id: int, channel: Channel, purpose: Purpose) -> HttpResponse:
    """Write down that a person agreed."""
    customer = _customer(request, customer_id)
    form = ConsentForm(request.POST, asks=Wording.objects.about(channel, purpose))
    source, proof = (form.cleaned_data["source"], form.proven) if form.is_valid() else ("staff", None)
    consent = customer.opt_in(channel, purpose=purpose, by=request.user, source=source, proof=proof)
    undo = reverse("customers:consent-retraction", args=[customer.pk, consent.pk])
    toasts.say(request, _("Wrote down the consent to %(channel)s.") % {"channel": channel.label}, undo_url=undo)
    return _consents(request, customer) if request.htmx else redirect("customers:customer", customer.pk)


@require_POST
@needs("customers.change")
def consent_withdrawal(request: StaffRequest, customer_id: int, channel: Channel, purpose: Purpose) -> HttpResponse:
    """Withdraw one consent and show the ones left."""
    customer = _customer(request, customer_id)
    consent = customer.consents.in_force(channel, purpose).first()
    if consent:
        customer.opt_out(channel, purpose=purpose, by=request.user)
        undo = reverse("customers:consent-restoration", args=[customer.pk, consent.pk])
        toasts.say(request, _("Withdrew the consent to %(channel)s.") % {"channel": channel.label}, undo_url=undo)
    return _consents(request, customer) if request.htmx else redirect("customers:customer", customer.pk)


@require_POST
@needs("customers.change")
def consent_restoration(request: StaffRequest, customer_id: int, consent_id: int) -> HttpResponse:
    """Undo a withdrawal."""
    customer = _customer(request, customer_id)
    get_object_or_404(customer.consents, pk=consent_id).restore(by=request.user)
    toasts.say(request, _("The consent stands again."))
    return _back(request, customer)


@require_POST
@needs("customers.change")
def consent_retraction(request: StaffRequest, customer_id: int, consent_id: int) -> HttpResponse:
    """Undo a consent written down by mistake."""
    customer = _customer(request, customer_id)
    consent = customer.consents.in_force().filter(pk=consent_id).first()
    if consent:
        consent.retract(by=request.user)
        toasts.say(request, _("The consent was taken back."))
    return _back(request, customer)


@require_GET
@needs("customers.view")
def tags(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show what the shop calls a person."""
    return _tags(request, _customer(request, customer_id))


def _tags(request: StaffRequest, customer: Customer) -> HttpResponse:
    context = {
        **(head_of(customer, request.user) if request.method == "POST" else {}),
        "customer": customer,
        "taggings": customer.taggings.current_on(timezone.localdate()).select_related("tag__group").order_by("pk"),
        "words": Tag.objects.in_use().order_by("name")[:200] if request.user.may("customers.change") else (),
        "form": TagForm(),
        "may_change": request.user.may("customers.change"),
    }
    return render(request, "customers/tags_panel.html", context)


@require_POST
@needs("customers.change")
def tag_addition(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Put a tag on a customer."""
    customer = _customer(request, customer_id)
    form = TagForm(request.POST)
    if form.is_valid():
        tag = Tag.objects.called(form.cleaned_data["name"])
        rival = (
            customer.taggings.filter(exclusive_group=tag.bound_to).exclude(tag=tag).first() if tag.bound_to else None
        )
        customer.tag_with(tag, by=request.user)
        undo = reverse("customers:tag-removal", args=[customer.pk, tag.pk])
        if rival:  # what it took the place of comes back, and takes its place again
            undo = reverse("customers:tag-return", args=[customer.pk, rival.tag_id])
        toasts.say(request, _("Tagged “%(tag)s”.") % {"tag": tag.name}, undo_url=undo)
    return _tags(request, customer) if request.htmx else redirect("customers:customer", customer.pk)


@require_POST
@needs("customers.change")
def tag_removal(request: StaffRequest, customer_id: int, tag_id: int) -> HttpResponse:
    """Take a tag off a customer."""
    customer, tag = _customer(request, customer_id), get_object_or_404(Tag, pk=tag_id)
    customer.untag(tag.pk, by=request.user)
    undo = reverse("customers:tag-return", args=[customer.pk, tag.pk])
    toasts.say(request, _("Took “%(tag)s” off.") % {"tag": tag.name}, undo_url=undo)
    return _tags(request, customer) if request.htmx else redirect("customers:customer", customer.pk)


@require_POST
@needs("customers.change")
def tag_return(request: StaffRequest, customer_id: int, tag_id: int) -> HttpResponse:
    """Put back a tag that was taken off by mistake."""
    customer = _customer(request, customer_id)
    customer.tag_with(get_object_or_404(Tag, pk=tag_id), by=request.user)
    return _back(request, customer)


@require_GET
@needs("customers.view")
def notes(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show what staff wrote down."""
    return _notes(request, _customer(request, customer_id), NoteForm())


@require_POST
@needs("customers.change")
def note_addition(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Write a note, and show it on top."""
    customer, form = _customer(request, customer_id), NoteForm(request.POST)
    if form.is_valid():
        SentForm.once(request.POST.get("once", ""), partial(_note, request, customer, form), by=request.user)
        form = NoteForm()
    if not request.htmx:
        return redirect("customers:customer", customer.pk)
    return _notes(request, customer, form)


def _note(request: StaffRequest, customer: Customer, form: NoteForm) -> str:
    note = customer.annotate_with(form.cleaned_data["text"], by=request.user)
    undo = reverse("customers:note-removal", args=[customer.pk, note.pk])
    toasts.say(request, _("The note is kept."), undo_url=undo)
    return reverse("customers:customer", args=[customer.pk])


@require_POST
@needs("customers.change")
def note_removal(request: StaffRequest, customer_id: int, note_id: int) -> HttpResponse:
    """Take back a note of one's own."""
    customer = _customer(request, customer_id)
    note = customer.notes.filter(pk=note_id, by=request.user).first()
    if note:
        note.take_back(by=request.user)
        toasts.say(request, _("The note was taken back."))
    return _back(request, customer)


@require_GET
@needs("customers.view")
def story(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Tell what happened, twenty events at a time."""
    customer = _customer(request, customer_id)
    chapter, before = request.GET.get("chapter", ""), Place.read(request.GET.get("before", ""))
    page = timeline.read(customer, chapter=chapter, before=before)
    template = "customers/earlier.html" if before else "customers/timeline_panel.html"
    here = reverse("customers:timeline", args=[customer.pk])
    context = {
        "customer": customer,
        "page": page,
        "here": f"{here}?chapter={chapter}",
        "chapters": _chapters(here, chapter),
        "more_url": f"{here}?chapter={chapter}&before={page.last}" if page.last else "",
    }
    return render(request, template, context)


def _back(request: StaffRequest, customer: Customer) -> HttpResponse:
    """Return to the page an undo was pressed on, else to the customer's."""
    return redirect(toasts.way_back(request) or reverse("customers:customer", args=[customer.pk]))


def _customer(request: StaffRequest, customer_id: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)


def _known(profiles: list[SourceProfile]) -> list[Known]:
    """Bring identifiers together that several sources know, strongest kind first."""
    names = dict(trade().store_names())
    found: dict[str, Known] = {}
    for profile in profiles:
        for identifier in profile.identifiers.all():
            known = found.setdefault(identifier.digest, Known(identifier, []))
            name = source_name(profile, names)
            if name not in known.sources:
                known.sources.append(name)
    order = list(KIND_ICONS)
    return sorted(found.values(), key=lambda known: order.index(Identifier.Kind(known.identifier.kind)))


def _reason(entry: MergeLog) -> tuple[str, MergeLog]:
    """Say by which rule two profiles were joined."""
    kind = entry.rule.removeprefix("same ")
    words = _("same %(identifier)s") % {"identifier": Identifier.Kind(kind).label} if kind in Identifier.Kind else kind
    return words, entry


def _consents(request: HttpRequest, customer: Customer) -> HttpResponse:
    newest: dict[tuple[str, str], Consent] = defaultdict()
    for consent in customer.consents.select_related("asked_by").order_by("pk"):
        newest[consent.channel, consent.purpose] = consent
    asks: dict[tuple[str, str], list[Wording]] = defaultdict(list)
    for wording in Wording.objects.in_force().order_by("language"):
        asks[wording.channel, wording.purpose].append(wording)
    asked = {*newest, *asks}
    stances = [
        Stance(channel, purpose, newest.get((channel, purpose)), tuple(asks.get((channel, purpose), ())))
        for purpose in Purpose
        for channel in CHANNEL_ICONS
        if purpose == Purpose.MARKETING or (channel, purpose) in asked
    ]
    may_change = isinstance(request.user, Staff) and request.user.may("customers.change")
    context = {"customer": customer, "stances": stances, "may_change": may_change, "ways": WAYS.items()}
    return render(request, "customers/consents_panel.html", context)


def _notes(request: StaffRequest, customer: Customer, form: NoteForm) -> HttpResponse:
    written = customer.notes.select_related("by").order_by("-written_at", "-pk")
    context = {
        "customer": customer,
        "notes": written[: NOTES if "all" not in request.GET else None],
        "count": written.count(),
        "form": form,
        "may_change": request.user.may("customers.change"),
    }
    return render(request, "customers/notes_panel.html", context, status=422 if form.errors else 200)


def _chapters(here: str, chosen: str) -> list[Tab]:
    everything = Tab(pgettext("all of a list", "All"), here, active=not chosen)
    return [
        everything,
        *(Tab(c.title, f"{here}?chapter={c.name}", active=c.name == chosen) for c in timeline.chapters()),
    ]
