"""E-mails: read by the one normaliser, then judged; a mistyped provider is offered as it was meant, never corrected."""

from collections.abc import Iterator
from functools import lru_cache

from disposable_email_domains import blocklist

from guanxi.identity.cleaning.reading import Reading, Reason, Verdict
from guanxi.identity.normal import email

PROVIDERS = (
    "qq.com", "163.com", "126.com", "139.com", "189.com", "188.com", "sina.com", "sina.cn", "sohu.com", "foxmail.com",
    "aliyun.com", "yeah.net", "tom.com", "21cn.com", "vip.qq.com", "vip.163.com", "gmail.com", "googlemail.com",
    "outlook.com", "hotmail.com", "live.com", "msn.com", "live.cn", "outlook.cn", "yahoo.com", "ymail.com", "yahoo.cn",
    "yahoo.co.jp", "yahoo.co.uk", "yahoo.com.hk", "yahoo.com.tw", "hotmail.co.uk", "icloud.com", "me.com", "mac.com",
    "aol.com", "protonmail.com", "proton.me", "gmx.com", "gmx.de", "web.de", "mail.ru", "yandex.ru", "naver.com",
    "btinternet.com", "comcast.net", "verizon.net",
)  # fmt: skip
REAL = frozenset(PROVIDERS) | {
    "mail.com", "email.com", "hotmail.fr", "hotmail.de", "hotmail.it", "hotmail.es", "outlook.fr", "outlook.de",
    "outlook.es", "yahoo.ca", "yahoo.fr", "yahoo.de", "yahoo.it", "yahoo.es", "yahoo.in", "gmx.net", "gmx.at", "gmx.ch",
    "live.ca", "live.nl", "sina.com.cn", "inmail.com", "rocketmail.com", "tom.cn", "aliyun.cn", "fmail.com", "love.com",
}  # fmt: skip
ROLES = frozenset((
    "admin", "administrator", "info", "contact", "sales", "support", "service", "help", "office", "hr", "billing",
    "noreply", "no-reply", "donotreply", "postmaster", "webmaster", "abuse", "marketing", "kefu",
))  # fmt: skip
SHORT = 5  # letters: of a shorter name every letter may be meant, and only its ending is taken for mistyped


def judge_email(text: str) -> Reading:
    """Read an e-mail address in its normal form and say what to think of it.

    >>> judge_email("Li@GMIAL.com").value, judge_email("Li@gmial.com").suggestion, judge_email("li@").reason.value
    ('li@gmial.com', 'li@gmail.com', 'no_email')
    >>> [judge_email(f"{one}").reason.value for one in ("a@mailinator.com", "info@example.org", "l***@qq.com")]
    ['throw_away', 'shared_box', 'masked']
    """
    read = email(text)
    if read is not None:
        return judge_known(read)
    bare = text.strip()
    reason = Reason.EMPTY if not bare else Reason.MASKED if "*" in bare else Reason.NO_EMAIL
    return Reading(value="", verdict=Verdict.UNUSABLE, reason=reason)


def judge_known(address: str) -> Reading:
    """Judge an address that was read already, in small letters."""
    box, _at, host = address.rpartition("@")
    if meant := meant_by(host):
        return Reading(value=address, verdict=Verdict.DOUBTFUL, reason=Reason.MISTYPED, suggestion=f"{box}@{meant}")
    if is_throw_away(host):
        return Reading(value=address, verdict=Verdict.DOUBTFUL, reason=Reason.THROW_AWAY)
    if box in ROLES:
        return Reading(value=address, verdict=Verdict.DOUBTFUL, reason=Reason.SHARED_BOX)
    return Reading(value=address)


@lru_cache(maxsize=50_000)
def is_throw_away(host: str) -> bool:
    """Tell whether a host, or one it belongs to, gives addresses to be thrown away."""
    parts = host.split(".")
    return any(".".join(parts[at:]) in blocklist for at in range(len(parts) - 1))


@lru_cache(maxsize=50_000)
def meant_by(host: str) -> str:
    """Give the known provider that a host is one slip of the hand away from; nothing where it is one itself.

    >>> meant_by("gmial.com"), meant_by("gmail.con"), meant_by("hotmial.com"), meant_by("qq.cm"), meant_by("163.con")
    ('gmail.com', 'gmail.com', 'hotmail.com', 'qq.com', '163.com')
    >>> meant_by("mail.com"), meant_by("136.com"), meant_by("example.org"), meant_by("gmail.com")
    ('', '', '', '')
    """
    if host in REAL:
        return ""
    near = {known for slip in (host, *_without_one(host)) for known in _NEAR.get(slip, ())}
    return next((known for known in PROVIDERS if known in near and _slipped(host, known)), "")


def _slipped(typed: str, meant: str) -> bool:
    """Whether one slip makes the one of the other; of a short name only its ending."""
    name, _dot, _rest = meant.partition(".")
    if len(name) < SHORT and not typed.startswith(f"{name}."):
        return False
    return _one_slip(typed, meant)


def _one_slip(typed: str, meant: str) -> bool:
    """Whether a letter was left out, doubled or added, put for another, or two changed places.

    >>> _one_slip("gmial.com", "gmail.com"), _one_slip("gmaill.com", "gmail.com"), _one_slip("gnaul.com", "gmail.com")
    (True, True, False)
    """
    same = next(
        (at for at, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant))
    )
    ours, theirs = typed[same:], meant[same:]
    return (
        ours[1:] == theirs[1:]
        or ours[1:] == theirs
        or ours == theirs[1:]
        or (ours[:2] == theirs[:2][::-1] and ours[2:] == theirs[2:])
    )


def _without_one(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _near() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for provider in PROVIDERS:
        for spelled in (provider, *_without_one(provider)):
            found.setdefault(spelled, []).append(provider)
    return found


_NEAR = _near()
