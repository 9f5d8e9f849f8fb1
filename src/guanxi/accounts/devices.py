"""What a browser says it is, in two words people know; a guess, good enough to tell one's phone from one's desk."""

BROWSERS = (  # the first that is named: most name those whose pages they also read
    ("MicroMessenger", "WeChat"), ("DingTalk", "DingTalk"), ("Lark", "Lark"), ("Edg", "Edge"), ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"), ("HuaweiBrowser", "Huawei Browser"), ("QQBrowser", "QQ Browser"),
    ("UCBrowser", "UC Browser"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("Windows", "Windows"),
    ("CrOS", "ChromeOS"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
HELD = frozenset({"iPhone", "iPad", "HarmonyOS", "Android"})
LONGEST = 60


def device_of(agent: str) -> str:
    """Name browser and system.

    >>> device_of("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1")
    'Safari · iPhone'
    >>> device_of("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/130.0 Safari/537.36 Edg/130.0"), device_of("curl/8.9")
    ('Edge · Windows', 'curl')
    """
    found = [_first(agent, BROWSERS), _first(agent, SYSTEMS)]
    told = " · ".join(word for word in found if word)
    return told or agent.partition("/")[0].strip()[:LONGEST]


def is_held(device: str) -> bool:
    """Tell a phone or a tablet from a desk.

    >>> is_held("Safari · iPhone"), is_held("Edge · Windows")
    (True, False)
    """
    return device.rpartition(" · ")[2] in HELD


def _first(agent: str, marks: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in marks if mark in agent), "")
