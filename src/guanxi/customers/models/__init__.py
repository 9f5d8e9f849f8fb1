"""The records of people. One module a noun; import them from here."""

from guanxi.customers.models.bulk_act import BulkAct
from guanxi.customers.models.channel import Channel, Purpose
from guanxi.customers.models.consent import Consent, Proof
from guanxi.customers.models.customer import Customer, CustomerFact, Gender
from guanxi.customers.models.event import Departure, Event, Untold
from guanxi.customers.models.habits import Habits
from guanxi.customers.models.note import Note
from guanxi.customers.models.own_value import CustomerValue
from guanxi.customers.models.plain_export import NeedsAnother, NotAgreed, PlainExport
from guanxi.customers.models.profile import Identifier, MergeLog, SourceProfile
from guanxi.customers.models.score import Score
from guanxi.customers.models.tag import Tag, Tagging, TagGroup
from guanxi.customers.models.telling import Telling
from guanxi.customers.models.wording import Wording

__all__ = [
    "BulkAct",
    "Channel",
    "Consent",
    "Customer",
    "CustomerFact",
    "CustomerValue",
    "Departure",
    "Event",
    "Gender",
    "Habits",
    "Identifier",
    "MergeLog",
    "NeedsAnother",
    "NotAgreed",
    "Note",
    "PlainExport",
    "Proof",
    "Purpose",
    "Score",
    "SourceProfile",
    "Tag",
    "TagGroup",
    "Tagging",
    "Telling",
    "Untold",
    "Wording",
]
