"""How a receiver checks a signature, to be copied: in Python and in Node, with nothing installed.

A test runs both samples against what is really sent.
"""

from typing import Final

PYTHON: Final = '''\
import base64, hmac, time

def is_from_guanxi(secret: str, headers, body: bytes) -> bool:
    """headers: names in lower case; body: the raw bytes, before any JSON is read."""
    message, at = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(at)) > 300:  # older than five minutes
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.digest(key, f"{message}.{at}.".encode() + body, "sha256")
    wanted = "v1," + base64.b64encode(mac).decode()
    return any(hmac.compare_digest(wanted, each) for each in headers["webhook-signature"].split(" "))
'''
NODE: Final = """\
const { createHmac, timingSafeEqual } = require("node:crypto");

// headers: names in lower case; body: the raw Buffer, before any JSON is read
function isFromGuanxi(secret, headers, body) {
  const [id, at] = [headers["webhook-id"], headers["webhook-timestamp"]];
  if (Math.abs(Date.now() / 1000 - Number(at)) > 300) return false; // older than five minutes
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const mac = createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest("base64");
  const wanted = Buffer.from(`v1,${mac}`);
  return headers["webhook-signature"].split(" ").some((each) => {
    const given = Buffer.from(each);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}
"""
LANGUAGES: Final = (("Python", PYTHON), ("Node", NODE))
