"""The models of what a shop decides."""

from guanxi.shop.models.field import CustomField, FieldValue, Kind, Subject

__all__ = ["CustomField", "FieldValue", "Kind", "Subject"]
