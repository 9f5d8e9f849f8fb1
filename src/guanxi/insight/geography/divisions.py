"""The 34 provincial-level divisions of China: their short names, and where each stands among the others as a tile.

A tile is a square of the same size for every division, beside its real neighbours as far as squares allow.
"""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Division(NamedTuple):
    """One division: its short name, and the column and row of its tile."""

    name: Promise
    column: int
    row: int


DIVISIONS: Mapping[str, Division] = {
    "CN-HL": Division(_("Heilongjiang"), 7, 0),
    "CN-NM": Division(_("Inner Mongolia"), 5, 1),
    "CN-JL": Division(_("Jilin"), 7, 1),
    "CN-XJ": Division(_("Xinjiang"), 1, 2),
    "CN-GS": Division(_("Gansu"), 2, 2),
    "CN-NX": Division(_("Ningxia"), 3, 2),
    "CN-BJ": Division(_("Beijing"), 5, 2),
    "CN-TJ": Division(_("Tianjin"), 6, 2),
    "CN-LN": Division(_("Liaoning"), 7, 2),
    "CN-QH": Division(_("Qinghai"), 2, 3),
    "CN-SN": Division(_("Shaanxi"), 3, 3),
    "CN-SX": Division(_("Shanxi"), 4, 3),
    "CN-HE": Division(_("Hebei"), 5, 3),
    "CN-SD": Division(_("Shandong"), 6, 3),
    "CN-XZ": Division(_("Tibet"), 1, 4),
    "CN-SC": Division(_("Sichuan"), 2, 4),
    "CN-CQ": Division(_("Chongqing"), 3, 4),
    "CN-HA": Division(_("Henan"), 4, 4),
    "CN-AH": Division(_("Anhui"), 5, 4),
    "CN-JS": Division(_("Jiangsu"), 6, 4),
    "CN-SH": Division(_("Shanghai"), 7, 4),
    "CN-YN": Division(_("Yunnan"), 2, 5),
    "CN-GZ": Division(_("Guizhou"), 3, 5),
    "CN-HB": Division(_("Hubei"), 4, 5),
    "CN-JX": Division(_("Jiangxi"), 5, 5),
    "CN-ZJ": Division(_("Zhejiang"), 6, 5),
    "CN-GX": Division(_("Guangxi"), 3, 6),
    "CN-HN": Division(_("Hunan"), 4, 6),
    "CN-GD": Division(_("Guangdong"), 5, 6),
    "CN-FJ": Division(_("Fujian"), 6, 6),
    "CN-TW": Division(_("Taiwan"), 7, 6),
    "CN-HI": Division(_("Hainan"), 3, 7),
    "CN-MO": Division(_("Macau"), 4, 7),
    "CN-HK": Division(_("Hong Kong"), 5, 7),
}
