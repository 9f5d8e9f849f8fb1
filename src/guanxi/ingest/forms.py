"""The forms of the import wizard: which files, how they are read, and which store they belong to."""

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.core.money import CURRENCIES
from guanxi.guard.dialect import DELIMITERS, WHITESPACE
from guanxi.ingest.cleaning import TIME_FORMATS
from guanxi.ingest.columns import Way, adjusted, fields_of, masked_rows, suggested
from guanxi.ingest.fields import Level
from guanxi.ingest.models import Import
from guanxi.ingest.presets import NEEDED, known
from guanxi.ingest.preview import Preview
from guanxi.orders.models import Company, Store
from guanxi.pages import formats

FILES_MOST = 20
ROW = "row"
SAMPLES_UP_TO = 14  # columns; beyond it the page would grow past its budget
SAMPLE_LETTERS = 22
ZONES = (
    "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "Europe/London", "Europe/Paris",
    "Europe/Berlin", "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo",
    "Australia/Sydney", "UTC",
)  # fmt: skip
COMMON_CURRENCIES = ("CNY", "HKD", "TWD", "USD", "EUR", "GBP", "JPY", "SGD", "BRL", "AUD", "CAD")
EXAMPLE = dt.datetime(2026, 11, 23, 9, 40, 5)  # noqa: DTZ001 - as a cell says it, without a zone
SUBJECTS = {
    "orders": gettext_lazy("Orders"), "customers": gettext_lazy("Customers"), "events": gettext_lazy("Events"),
}  # fmt: skip
CHANNELS = {
    Store.Channel.OWN: gettext_lazy("Own online shop"),
    Store.Channel.TAOBAO: gettext_lazy("Taobao"),
    Store.Channel.TMALL: gettext_lazy("Tmall"),
    Store.Channel.JD: gettext_lazy("JD"),
    Store.Channel.YOUZAN: gettext_lazy("Youzan"),
    Store.Channel.DOUYIN: gettext_lazy("Douyin"),
    Store.Channel.WECHAT: gettext_lazy("WeChat"),
    Store.Channel.SHOPIFY: gettext_lazy("Shopify"),
    Store.Channel.OLIST: gettext_lazy("Olist"),
    Store.Channel.COUNTER: gettext_lazy("Counter"),
}
OF_EVENTS = gettext_lazy("The event")
LEVELS = {
    Level.DOCUMENT: gettext_lazy("The order"),
    Level.LINE: gettext_lazy("Its lines"),
    Level.PERSON: gettext_lazy("The customer"),
    Level.PAYMENT: gettext_lazy("The payment"),
}


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files."""

    widget = _Files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Check each file by itself."""
        given = list(data or [None]) if isinstance(data, (list, tuple)) else [data]
        if len(given) > FILES_MOST:
            raise forms.ValidationError(_("At most %(most)d files at once.") % {"most": FILES_MOST})
        return [super(FilesField, self).clean(each, initial) for each in given]


class CurrencyText(forms.CharField):
    """An ISO code of a currency, typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=3, required=False, widget=_listed("currencies"), **options)

    def clean(self, value: Any) -> str:
        """Accept ISO codes in either case."""
        code = str(super().clean(value)).upper()
        if code and code not in CURRENCIES:
            raise forms.ValidationError(_("%(code)s is no currency. Write an ISO code such as CNY.") % {"code": code})
        return code


class ZoneText(forms.CharField):
    """A time zone, typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=64, required=False, widget=_listed("zones"), **options)

    def clean(self, value: Any) -> str:
        """Accept the names of the IANA database."""
        zone = str(super().clean(value))
        if zone and zone not in zoneinfo.available_timezones():
            raise forms.ValidationError(_("There is no time zone of this name; write one such as Asia/Shanghai."))
        return zone


def _listed(name: str) -> forms.TextInput:
    return forms.TextInput(attrs={"list": name, "autocomplete": "off"})


class UploadForm(forms.Form):
    """What is imported, and the files it stands in."""

    subject = forms.ChoiceField(
        label=gettext_lazy("What is in the file?"), choices=list(SUBJECTS.items()), widget=forms.RadioSelect,
        initial="orders",
    )  # fmt: skip
    upload = FilesField(
        label=gettext_lazy("Drop the file here, or choose it"),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["upload"]
        field.widget.attrs |= {
            "accept": ".csv,.txt,.tsv,.gz,.xlsx",
            "data-gx-limit": str(settings.IMPORT_MAX_BYTES),
        }
        field.help_text = _(
            "CSV, gzipped CSV or XLSX, up to %(size)s MB together. What comes in several files (orders and items, say) "
            "is chosen together."
        ) % {"size": formats.count(settings.IMPORT_MAX_BYTES // 1024**2)}


class LayoutForm(forms.Form):
    """How a text is written, where a person knows better than what was detected."""

    header = forms.TypedChoiceField(
        label=gettext_lazy("First row"), required=False, empty_value=None,
        choices=[("", gettext_lazy("Names of the columns")), ("0", gettext_lazy("Data already"))],
        coerce=lambda value: value != "0",
    )  # fmt: skip
    delimiter = forms.ChoiceField(label=gettext_lazy("Cells are parted by"), required=False)
    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [("", _("As found"))]
        names = {"\t": _("Tab"), WHITESPACE: _("Blanks")}
        parts = [(each, names.get(each, each)) for each in (*DELIMITERS, WHITESPACE)]
        self.fields["delimiter"].choices = [*found, *parts]  # type: ignore[attr-defined]
        encodings = [(name, name.upper()) for name in ("utf-8", "gb18030", "big5", "utf-16", "cp1252")]
        self.fields["encoding"].choices = [*found, *encodings]  # type: ignore[attr-defined]

    @property
    def layout(self) -> dict[str, Any]:
        """What was said, in the terms of the reader."""
        if not self.is_valid():
            return {}
        return {name: value for name, value in self.cleaned_data.items() if value not in {None, ""}}


class StoreForm(forms.Form):
    """The store the orders belong to: one that is there, or a new one."""

    store = forms.ChoiceField(label=gettext_lazy("Shop the orders belong to"), required=False)
    store_name = forms.CharField(label=gettext_lazy("Name of the shop"), max_length=120, required=False)
    store_channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=list(CHANNELS.items()), required=False)
    store_currency = CurrencyText(label=gettext_lazy("Currency"))
    store_zone = ZoneText(label=gettext_lazy("Time zone"))

    currencies, zones = COMMON_CURRENCIES, ZONES

    def __init__(self, data: Any = None, *, batch: Import, told: Mapping[str, str], **initial: Any) -> None:
        self.told, self.is_about_orders = told, batch.subject == "orders"
        self.stores = list(Store.objects.order_by("name"))
        super().__init__(data, initial={**self._initial(batch), **initial})
        new = _("A new shop") if self.is_about_orders else _("No shop in particular")
        self.fields["store"].choices = [*((s.code, s.name) for s in self.stores), ("", new)]  # type: ignore[attr-defined]

    def _initial(self, batch: Import) -> dict[str, Any]:
        codes = [store.code for store in self.stores]
        wanted = batch.store_code or self.told.get("code") or (codes[0] if len(codes) == 1 else "")
        company = Company.current()
        return {
            "store": wanted if wanted in codes else "",
            "store_name": self.told.get("name", ""),
            "store_channel": self.told.get("channel", "own"),
            "store_currency": self.told.get("currency") or (company.base_currency if company else "CNY"),
            "store_zone": self.told.get("time_zone") or (company.time_zone if company else "Asia/Shanghai"),
        }

    def clean(self) -> dict[str, Any]:
        """A new shop needs a name, a currency and a zone."""
        if self.is_about_orders and not self.cleaned_data.get("store"):
            for name in ("store_name", "store_currency", "store_zone"):
                if name in self.cleaned_data and not self.cleaned_data[name]:
                    self.add_error(name, _("A new shop needs this."))
        return self.cleaned_data

    @property
    def of_new_shop(self) -> list[forms.BoundField]:
        """What a new shop is asked for."""
        return [self[f"store_{name}"] for name in ("name", "channel", "currency", "zone")]

    @property
    def opening(self) -> dict[str, str]:
        """The store to write to: its code alone where it is there, else how it is set up."""
        told = self.cleaned_data
        if told["store"] or not self.is_about_orders:
            return {"code": told["store"]} if told["store"] else {}
        own = told["store_name"] == self.told.get("name") and self.told.get("code")
        code = own or slugify(told["store_name"])[:40] or f"shop-{len(self.stores) + 1}"
        rest = {name: told[f"store_{name}"] for name in ("name", "channel", "currency")}
        return {"code": code, **rest, "time_zone": told["store_zone"]}


class ColumnsForm(StoreForm):
    """The columns of a file, one choice for each field, and what stands in no column."""

    currency = CurrencyText(
        label=gettext_lazy("All amounts are in"),
        help_text=gettext_lazy("Only where no column says it; left empty, the shop's currency."),
    )
    time_format = forms.ChoiceField(label=gettext_lazy("Dates are written as"), required=False)
    time_zone = ZoneText(
        label=gettext_lazy("Times are those of"), help_text=gettext_lazy("Left empty, the shop's time zone.")
    )
    save_as = forms.CharField(
        label=gettext_lazy("Save these choices as a preset"), max_length=60, required=False,
        help_text=gettext_lazy("The next file with these columns is then read at once."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, batch: Import, way: Way, file: Preview, layout: Mapping[str, Any]) -> None:
        self.way, self.file, self.layout, self.former = way, file, layout, batch.mapping or {}
        self.subject = batch.subject
        self.suggested = _former(batch) or suggested(way, batch, file)
        super().__init__(data, batch=batch, told=way.store, **_written(batch, self.suggested))
        self.known = fields_of(batch.subject)
        self.fields["time_format"].choices = list(_time_formats())  # type: ignore[attr-defined]
        options = self._options()
        for name, field in self.known.items():
            more = [(ROW, _("Each row is an order of its own"))] if name == "order_number" else []
            needed = name in NEEDED.get(self.subject, ())
            self.fields[f"column_{name}"] = forms.ChoiceField(
                label=str(field.label), choices=[("", "—"), *more, *options], required=needed,
                initial=self._column(name), error_messages={"required": _("Choose its column.")},
            )  # fmt: skip

    def _options(self) -> list[tuple[str, str]]:
        named = {name: column for name, column in self.suggested.items() if isinstance(column, str)}
        rows = masked_rows(self.file, named, self.subject) if len(self.file.columns) <= SAMPLES_UP_TO else []
        return [(str(nth), _option(column, nth, rows)) for nth, column in enumerate(self.file.columns)]

    def _column(self, name: str) -> str:
        told = self.suggested.get(name)
        if isinstance(told, Mapping):
            return ROW if (name, told["value"]) == ("order_number", ROW) else ""
        return str(self.file.columns.index(told)) if told in self.file.columns else ""

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The choices of columns, by what the fields tell about."""
        return [
            (
                self._titled(level),
                [self[f"column_{name}"] for name, field in self.known.items() if field.level is level],
            )
            for level in LEVELS
            if any(field.level is level for field in self.known.values())
        ]

    def _titled(self, level: Level) -> str:
        return str(OF_EVENTS if self.subject == "events" and level is Level.DOCUMENT else LEVELS[level])

    def clean_save_as(self) -> str:
        """Refuse the name of a preset that everybody has."""
        name: str = slugify(self.cleaned_data["save_as"], allow_unicode=True)
        if name in {preset.name for subject in SUBJECTS for preset in known(subject)} | {"generic"}:
            raise forms.ValidationError(_("A preset of this name comes with Guanxi. Choose another name."))
        return name

    @property
    def mapping(self) -> dict[str, Any]:
        """What was chosen, as a mapping."""
        told = self.cleaned_data
        places = {name: told[f"column_{name}"] for name in self.known if told[f"column_{name}"]}
        columns: dict[str, Any] = {
            name: {"value": ROW} if place == ROW else self.file.columns[int(place)] for name, place in places.items()
        }
        constants = {name: value for name, value in self.suggested.items() if isinstance(value, Mapping)}
        if told["currency"]:
            constants["currency"] = {"value": told["currency"]}
        file = {name: told[name] for name in ("time_format", "time_zone") if told[name]} | dict(self.layout)
        kept = {name: value for name, value in constants.items() if name in self.known and name not in columns}
        kept = {name: value for name, value in kept.items() if value["value"] != ROW}
        chosen = {**kept, **columns, **({"file": file} if file else {})}
        return adjusted(self.way, chosen, self.former)


def _former(batch: Import) -> dict[str, Any]:
    """Give the columns a person chose for this import before."""
    mapping = batch.mapping or {}
    fields = fields_of(batch.subject)
    return {name: value for name, value in mapping.items() if name in fields}


def _written(batch: Import, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a person said before of what stands in no column."""
    file = (batch.mapping or {}).get("file", {})
    currency = columns.get("currency")
    return {
        "currency": currency["value"] if isinstance(currency, Mapping) else "",
        "time_format": file.get("time_format", ""),
        "time_zone": file.get("time_zone", ""),
    }


def _option(column: str, nth: int, rows: Sequence[Sequence[str]]) -> str:
    sample = next((row[nth] for row in rows if row[nth]), "")
    cut = sample[:SAMPLE_LETTERS] + "…" if len(sample) > SAMPLE_LETTERS else sample
    return f"{column} · {cut}" if cut else column


def _time_formats() -> Iterator[tuple[str, str]]:
    yield "", _("As the cells show")
    for form in TIME_FORMATS:
        if "%.f" not in form:
            yield form, EXAMPLE.strftime(form)
    yield "unix", _("Seconds since 1970")
