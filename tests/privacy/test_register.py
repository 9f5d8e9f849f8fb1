"""Every table says whether something of a person can stand in it, and what an erasure does to that."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models

from guanxi.customers.models import Customer, CustomerFact, SourceProfile
from guanxi.customers.places import Place, nobodys, places

SAYS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


def telling(model: type[models.Model]) -> Iterator[str]:
    """The fields that can hold words: texts, lists, sealed values; those computed of others aside."""
    for field in model._meta.concrete_fields:
        if isinstance(field, SAYS) and not isinstance(field, models.GeneratedField):
            yield field.name


def test_every_table_is_declared() -> None:
    known = {place.name for place in places()} | set(nobodys())
    there = {model._meta.label_lower for model in apps.get_models(include_auto_created=True) if not model._meta.proxy}
    assert sorted(there - known) == [], "say in its context's kept.py what of a person stands in it"
    assert sorted(set(nobodys()) & {place.name for place in places()}) == []


def test_every_fact_about_a_person_is_a_place() -> None:
    known = {place.model for place in places()}
    facts = {each for each in apps.get_models() if issubclass(each, CustomerFact)}
    pointing = {
        each for each in apps.get_models() for field in each._meta.concrete_fields
        if field.related_model in {Customer, SourceProfile} and each._meta.label_lower not in nobodys()
    }  # fmt: skip
    assert facts | pointing <= known


def test_of_rows_that_stay_every_word_is_blanked_or_stays_for_a_reason() -> None:
    for place in places():
        if not place.rows_go:
            silent = set(telling(place.model)) - set(place.blanked) - set(place.stays)
            assert silent == set(), f"{place.name} does not say what becomes of {silent}"
            assert all(place.stays.values())


def test_every_place_names_fields_there_are() -> None:
    for place in places():
        assert isinstance(place, Place)
        names = {field.name for field in place.model._meta.get_fields()}
        assert {*place.blanked, *place.stays} <= names, place.name
        told = names | set(dir(place.model)) | set(place.reads) | {f"{name}_id" for name in names}
        assert set(place.copied) <= told, place.name
        assert place.copied or place.stays, f"{place.name} is in nobody's copy"
