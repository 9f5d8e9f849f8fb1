"""The models of what a shop decides."""

from guanxi.shop.models.calendar import CalendarEntry
from guanxi.shop.models.field import CustomField, FieldValue, Kind, Subject

__all__ = ["CalendarEntry", "CustomField", "FieldValue", "Kind", "Subject"]
