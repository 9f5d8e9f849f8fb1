"""Personal values as most people may see them: enough to recognise, too little to use.

A mask is made on the server, before the value enters a page, an answer or a file. Where a value cannot be read
as what it should be, nothing of it is shown.
"""

import re
from ipaddress import ip_address

import phonenumbers

HIDDEN = "***"
HANZI = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]")
CHINESE_MOBILE = re.compile(r"\+861[0-9]{10}")
COMPOUND = re.compile(
    "欧阳|太史|上官|端木|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙"
    "|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|令狐|百里|呼延|东郭|南门|西门|第五"
)
DISTRICT = re.compile(
    r"^(?:[^省市区县旗\s\d]{1,8}(?:省|自治区|特别行政区))?[\s]*"
    r"(?:[^省市区县旗\s\d]{1,10}(?:市|自治州|地区|盟))?[\s]*"
    r"(?:[^省市区县旗街路\s\d]{1,10}(?:区|县|旗|市))?"
)


def mask_phone(value: str | None) -> str:
    """Show the ends of a phone number in E.164, or of a Chinese mobile number.

    >>> mask_phone("+8618312342807"), mask_phone("+447700900194"), mask_phone("12")
    ('183****2807', '+44 7*** 0194', '***')
    """
    text = (value or "").strip()
    if not text:
        return ""
    if CHINESE_MOBILE.fullmatch(text):  # the usual one, told without asking the tables of all countries
        return f"{text[3:6]}****{text[-4:]}"
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return HIDDEN
    national = phonenumbers.national_significant_number(number)
    if len(national) < 8:
        return HIDDEN
    if number.country_code == 86 and len(national) == 11:
        return f"{national[:3]}****{national[-4:]}"
    return f"+{number.country_code} {national[0]}*** {national[-4:]}"


def mask_name(value: str | None) -> str:
    """Show a Chinese surname, or a given name with an initial.

    >>> mask_name("林晓雨"), mask_name("欧阳修"), mask_name("Emma Mary Taylor"), mask_name("Emma")
    ('林**', '欧阳**', 'Emma T.', 'E***')
    """
    text = (value or "").strip()
    if not text:
        return ""
    if HANZI.match(text):
        return (text[:2] if len(text) > 2 and COMPOUND.match(text) else text[0]) + "**"
    words = text.split()
    return f"{words[0]} {words[-1][0]}." if len(words) > 1 else text[0] + HIDDEN


def mask_names(one: str | None, other: str | None) -> tuple[str, str]:
    """Mask two names, and show the one sign by which Chinese names of one length differ: a typo is seen.

    >>> mask_names("林婉清", "林婉晴"), mask_names("林婉清", "林婉清"), mask_names("林婉清", "Wanqing Lin")
    (('林*清', '林*晴'), ('林**', '林**'), ('林**', 'Wanqing L.'))
    """
    left, right = (one or "").strip(), (other or "").strip()
    apart = [place for place, signs in enumerate(zip(left, right, strict=False)) if signs[0] != signs[1]]
    if len(left) != len(right) or len(apart) != 1 or not apart[0] or not HANZI.match(left) or not HANZI.match(right):
        return mask_name(left), mask_name(right)
    return _but(left, apart[0]), _but(right, apart[0])


def _but(name: str, place: int) -> str:
    return "".join(sign if at in {0, place} else "*" for at, sign in enumerate(name))


def mask_email(value: str | None) -> str:
    """Show how an e-mail address begins, and its domain.

    >>> mask_email("linxiaoyu@163.com"), mask_email("li@163.com"), mask_email("nonsense")
    ('lin***@163.com', 'l***@163.com', '***')
    """
    text = (value or "").strip()
    if not text:
        return ""
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        return HIDDEN
    return f"{local[:3] if len(local) > 3 else local[0]}{HIDDEN}@{domain}"


def mask_ip(value: str | None) -> str:
    """Show the network of an address, not the machine.

    >>> mask_ip("203.0.113.80"), mask_ip("2001:db8:7:9::5"), mask_ip("nonsense"), mask_ip("")
    ('203.0.113.***', '2001:db8:7:***', '***', '')
    """
    try:
        found = ip_address((value or "").strip())
    except ValueError:
        return HIDDEN if value else ""
    if found.version == 4:
        return f"{str(found).rpartition('.')[0]}.{HIDDEN}"
    return ":".join([*(part.lstrip("0") or "0" for part in found.exploded.split(":")[:3]), HIDDEN])


def mask_address(value: str | None) -> str:
    """Show province, city and district of a Chinese address, nothing of any other.

    >>> mask_address("浙江省杭州市西湖区文三路 90 号"), mask_address("12 High Street, Leeds")
    ('浙江省杭州市西湖区 ***', '***')
    """
    text = (value or "").strip()
    if not text:
        return ""
    found = DISTRICT.match(text)
    shown = found.group().strip() if found else ""
    return f"{shown} {HIDDEN}" if shown else HIDDEN
