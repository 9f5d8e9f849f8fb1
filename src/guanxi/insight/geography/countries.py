"""Countries and regions by the two letters of ISO 3166, however orders name them, and what they are called on pages."""

from functools import cache

from babel import Locale
from django.utils.translation import gettext as _

from guanxi.pages import formats

LANGUAGES = ("en", "zh_Hans")
OTHERS = {
    "uk": "GB", "great britain": "GB", "england": "GB", "usa": "US", "united states of america": "US", "eire": "IE",
    "rsa": "ZA", "uae": "AE", "korea": "KR", "south korea": "KR", "korea, republic of": "KR",
    "russian federation": "RU",
    "viet nam": "VN", "czech republic": "CZ", "macau": "MO", "macao": "MO", "hong kong": "HK", "holland": "NL",
    "turkey": "TR",
    "中华人民共和国": "CN", "中国大陆": "CN", "香港": "HK", "中国香港": "HK", "澳门": "MO",
    "中国澳门": "MO",
    "中国台湾": "TW", "台湾": "TW", "taiwan": "TW",
}  # fmt: skip


@cache
def _known() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found |= {name.casefold(): code, code.casefold(): code}
    return {**found, **OTHERS}


def code_of(told: str) -> str:
    """Find the two letters of a country as an order tells it; nothing where it is none.

    >>> code_of("United Kingdom"), code_of("EIRE"), code_of("中国"), code_of("Unspecified")
    ('GB', 'IE', 'CN', '')
    """
    return _known().get(told.strip().casefold(), "")


def name_of(told: str) -> str:
    """Say what a country or region is called on pages; one that is not known goes by what orders say.

    >>> name_of("eire"), name_of("European Community"), name_of("")
    ('Ireland', 'European Community', 'Not told')
    """
    apart = {"HK": _("Hong Kong, China"), "MO": _("Macau, China"), "TW": _("Taiwan, China")}
    code = code_of(told)
    language = "zh_Hans" if formats.chinese() else "en"
    return apart.get(code) or Locale.parse(language).territories.get(code) or told or _("Not told")
