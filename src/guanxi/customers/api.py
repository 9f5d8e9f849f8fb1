"""Customers in the API: the list, one, finding one by an identifier, adding and correcting."""

from collections.abc import Mapping
from typing import Any, Literal

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import Form
from django.http import Http404, HttpResponse
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query, Status
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource, Way
from guanxi.accounts.models import Caller
from guanxi.accounts.problems import NotValid, ScopeMissing
from guanxi.accounts.wire import Asked, Day, Figure, Page, Place, Sent, Told, Word, key_in, page
from guanxi.customers import by_hand, finding, introducing, meanwhile, shown, walking
from guanxi.customers.faces import Face, hidden_from
from guanxi.customers.forms import CustomerForm
from guanxi.customers.models import Channel, Customer, Identifier, SourceProfile
from guanxi.customers.own import SHELF
from guanxi.customers.shown import CustomerId, CustomerTold
from guanxi.shop import wire
from guanxi.shop.wire import OwnAsked, OwnSent

router = Resource(tags=["customers"])
MOST_FOUND = 20
HAD = gettext_lazy("Another customer has this already.")
Sex = Literal["", "female", "male", "other"]
Attribute = Field("", max_length=100)


class CustomersAsked(Asked):
    """Which customers: those of whom everything holds that is asked for."""

    tag: str | None = Field(None, description="The id of a tag they carry.", max_length=40)
    rfm_class: str | None = Field(
        None, description="Their class, such as high_value; the best come first.", max_length=40
    )
    reachable_by: Channel | None = Field(None, description="A channel to whose marketing they agreed.")
    store: Word | None = Field(None, description="The code of a store that knows them.", max_length=40)
    created_from: Day | None = Field(None, description="In the book since this day or later; the earliest come first.")
    created_to: Day | None = Field(None, description="In the book since this day or earlier; the earliest come first.")
    province: Place | None = Field(None, description="Their province, spelled as in the book.")
    city: Place | None = Field(None, description="Their city, spelled as in the book.")
    country: Place | None = Field(None, description="Their country, spelled as in the book.")
    net_from: Figure | None = Field(None, description="Net spend of so many minor units of the company or more.")
    net_to: Figure | None = Field(None, description="Net spend of so many minor units of the company or less.")
    orders_from: Figure | None = Field(None, description="So many paid orders or more.")
    orders_to: Figure | None = Field(None, description="So many paid orders or fewer.")
    last_order_from: Day | None = Field(None, description="Their last order was on this day or later.")
    last_order_to: Day | None = Field(None, description="Their last order was on this day or earlier.")
    field: OwnAsked = []


class CustomerSent(Sent):
    """A customer to be added. Something has to be there by which they can be found again: name, phone or e-mail."""

    name: Word = Field("", max_length=200)
    phone: Word = Field("", max_length=40, description="From abroad with the country's code: +44 …")
    email: Word = Field("", max_length=254)
    gender: Sex = ""
    birthday: Day | None = None
    province: Word = Attribute
    city: Word = Attribute
    country: Word = Attribute

    fields: OwnSent = {}

    @property
    def words(self) -> set[str]:
        """The names of what it says something of."""
        return {name for name, value in self.model_dump().items() if value}


class CustomerChanged(Sent):
    """What is to be corrected; what is left out stays. Name, phone and e-mail can be changed, not emptied."""

    name: Word | None = Field(None, min_length=1, max_length=200)
    phone: Word | None = Field(None, min_length=1, max_length=40)
    email: Word | None = Field(None, min_length=1, max_length=254)
    gender: Sex | None = None
    birthday: Day | None = None
    province: Word | None = Field(None, max_length=100)
    city: Word | None = Field(None, max_length=100)
    country: Word | None = Field(None, max_length=100)
    fields: OwnSent = {}


class LookUp(Sent):
    """A word by which somebody is known. It travels in the body, so that no log of addresses ever holds it."""

    kind: Identifier.Kind
    value: Word = Field(min_length=1, max_length=254)


class CustomersFound(Told):
    """Whoever carries the identifier; more than one where several sources give the same number."""

    data: list[CustomerTold]


@router.offers("GET /customers", gettext_lazy("List customers"), "customers:read", {200: Page[CustomerTold]})
def list_customers(request: ApiRequest, asked: Query[CustomersAsked]) -> Any:
    """List customers by age in the book; those of a class begin with the best, those of some days with the earliest.

    Asked for several things, a page may have fewer rows than there is room for, or none: go on until “next” is null.
    """
    line = walking.line(Customer.objects.visible_to(request.user), asked)
    return page(line, asked, Customer.PREFIX, lambda rows: shown.customers(rows, request.user))


@router.offers("POST /customers", gettext_lazy("Add a customer"), "customers:write", {201: CustomerTold}, way=Way.LATE)
def add_customer(request: ApiRequest, response: HttpResponse, customer: CustomerSent) -> Any:
    """Add a customer whom nobody knows yet, by the rules of the page on which staff do."""
    shown.check_sent(customer.words, request.user)
    own = wire.texts_of(wire.known(SHELF, request.user, customer.fields), customer.fields)
    told = valid(CustomerForm(customer.model_dump(), claims=False)).told
    request.begin()
    if clashes := introducing.taken([introducing.digests_of(told)])[0]:
        raise NotValid(dict.fromkeys(clashes, HAD))
    added = by_hand.introduce(told, by=request.user)
    SHELF.begin([(added, own)], by=request.user)
    response["Location"] = f"/api/v1/customers/{added.public_id}"
    return Status(201, shown.customers([added], request.user)[0])


@router.offers(
    "POST /customers/lookup", gettext_lazy("Find customers by an identifier"), "identifiers:read",
    {200: CustomersFound}, way=Way.READS,
)  # fmt: skip
def find_customers(request: ApiRequest, sought: LookUp) -> Any:
    """Find who carries a phone, an e-mail or a number; nobody is an empty list."""
    if sought.kind in hidden_from(request.user):
        raise ScopeMissing(_("The role of whoever made this key sees none of these. Look for another identifier."))
    digests = _digests(sought)
    found = Customer.objects.visible_to(request.user).identified_by(*digests) if digests else Customer.objects.none()
    return {"data": shown.customers(list(found.order_by("pk")[:MOST_FOUND]), request.user)}


@router.offers("GET /customers/{customer_id}", gettext_lazy("Read a customer"), "customers:read", {200: CustomerTold})
def read_customer(request: ApiRequest, customer_id: CustomerId) -> Any:
    """Read one customer. The id of one who was merged leads to the survivor, whose id is in the answer."""
    return shown.customers([visible(request.user, customer_id)], request.user)[0]


@router.offers(
    "PATCH /customers/{customer_id}", gettext_lazy("Correct a customer"), "customers:write", {200: CustomerTold}
)
def correct_customer(request: ApiRequest, customer_id: CustomerId, changes: CustomerChanged) -> Any:
    """Correct what is known of a customer; 409 where somebody else changed the same meanwhile."""
    found = visible(request.user, customer_id)
    sent = changes.model_dump(exclude_unset=True)
    fields = sent.pop("fields", {})
    own = wire.texts_of(wire.known(SHELF, request.user, fields), fields)
    correct(found, sent, by=request.user)
    wire.write(SHELF, found, own, by=request.user)
    return shown.customers([found], request.user)[0]


def visible(caller: Caller, word: str) -> Customer:
    """Find a customer whom a caller may see; the id of one who was merged leads to the survivor."""
    key = key_in(Customer.PREFIX, word)
    people = Customer.objects.visible_to(caller)
    found = people.filter(pk=key).first()
    if found is None and (survivor := Customer.objects.survivor_of(key)):
        found = people.filter(pk=survivor.pk).first()
    if found is None:
        raise Http404
    return found


def correct(customer: Customer, changes: Mapping[str, Any], *, by: Caller) -> None:
    """Write what is true of a customer; what was not named stays as others have it by then."""
    shown.check_sent(changes, by)
    seen = meanwhile.read(meanwhile.seen(customer, by_hand.ATTRIBUTES))
    known = {name: getattr(customer, name) for name in by_hand.ATTRIBUTES}
    form = CustomerForm({**known, **changes}, customer=customer, face=Face(""))
    by_hand.correct(customer, valid(form).told, by=by, seen=seen)


def valid(form: Any) -> Any:
    """Give a form that found nothing wrong; raises NotValid, with its sentences, where it did."""
    if not form.is_valid():
        raise NotValid(said_by(form))
    return form


def said_by(form: Form) -> dict[str, str]:
    """Say what a form found wrong with which field."""
    told = {name: strip_tags(" ".join(map(str, said))) for name, said in form.errors.items()}
    return {"body" if name == NON_FIELD_ERRORS else name: said for name, said in told.items()}


def _digests(sought: LookUp) -> list[str]:
    """Compute the blind indexes that a word of this kind can have."""
    kind = sought.kind
    if kind in Identifier.GLOBAL:
        read = {Identifier.Kind.PHONE: finding.phones, Identifier.Kind.EMAIL: finding.emails}.get(kind)
        return [Identifier.digest_of(kind, value) for value in (read(sought.value) if read else [sought.value])]
    places = {(source, scope) for source, store in SourceProfile.objects.origins() for scope in (store, "")}
    return [
        Identifier.digest_of(kind, sought.value, namespace=source, scope=scope)
        for source, scope in sorted(places | {("", "")})
    ]
