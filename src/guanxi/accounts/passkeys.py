"""Passkeys: what a device shows after a finger, a face or a PIN; as second factor, and instead of the password.

Rows are allauth's (`Authenticator`, of type webauthn); what is asked and proven is python-fido2's. A passkey belongs to
the host it was made under: the browser shows it there and nowhere else.
"""

import json
import secrets
import time
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from guanxi.accounts import factors
from guanxi.accounts.models import AuditEntry, SignInAttempt, Staff
from guanxi.core.errors import BadInput, Refused

PASSKEY = Authenticator.Type.WEBAUTHN
STATE, STATE_SECONDS = "passkey_asked", 300
MOST, LONGEST_NAME = 10, 60
VERIFIED, WELCOME = UserVerificationRequirement.REQUIRED, UserVerificationRequirement.PREFERRED


class NotProven(BadInput):
    """What a browser sent is no passkey of whoever it was asked of."""


class TooManyPasskeys(Refused):
    """Nobody needs more passkeys than that."""


def hindrance(request: HttpRequest) -> str:
    """Say why a browser shows no passkey under the address it asked for; nothing where it does."""
    host = host_of(request)
    number = _number(host)
    if number and number.is_loopback:
        port = urlsplit(f"//{request.get_host()}").port
        here = f"{request.scheme}://localhost{f':{port}' if port else ''}"
        return _("Passkeys belong to a name, and %(host)s is a number. Open %(here)s.") % {"host": host, "here": here}
    if number:
        told = _("Passkeys belong to a name, and %(host)s is a number. Open Guanxi by its name, over HTTPS.")
        return told % {"host": host}
    if not request.is_secure() and host != "localhost" and not host.endswith(".localhost"):
        return _("Passkeys need HTTPS, and %(host)s is open without it.") % {"host": host}
    return ""


def host_of(request: HttpRequest) -> str:
    """The name a passkey made here would belong to."""
    return urlsplit(f"//{request.get_host()}").hostname or ""


def of(staff: Staff) -> Any:
    """The passkeys of somebody, oldest first."""
    return Authenticator.objects.filter(user_id=staff.pk, type=PASSKEY).order_by("pk")


def ask_for_new(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    """Give what a browser needs to make a passkey, one that is none of those they have."""
    there = list(of(staff))
    if len(there) >= MOST:
        raise TooManyPasskeys(_("You have %(most)s passkeys. Remove one first.") % {"most": MOST})
    handle = websafe_decode(there[0].data["handle"]) if there else secrets.token_bytes(32)
    options, state = _server(request).register_begin(
        PublicKeyCredentialUserEntity(id=handle, name=staff.sign_in_name, display_name=staff.display_name),
        credentials=_described(there),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=VERIFIED,
    )
    _remember(request, state, staff, handle=websafe_encode(handle))
    return dict(options)


@transaction.atomic
def add(request: HttpRequest, staff: Staff, name: str, answer: str) -> Authenticator:
    """Take a new passkey; NotProven where it does not answer what was asked a moment ago."""
    state, credential = _asked(request, staff), _read(answer)
    try:
        proof = _server(request).register_complete(state, credential)
    except (ValueError, TypeError, KeyError, LookupError):
        proof = None
    made = proof.credential_data if proof else None
    if proof is None or made is None:
        raise NotProven(_("The passkey could not be made. Try again."))
    key = websafe_encode(made.credential_id)
    if Authenticator.objects.filter(type=PASSKEY, data__key=key).exists():
        raise NotProven(_("This passkey is known already."))
    told = {"key": key, "public": websafe_encode(bytes(made)), "counter": proof.counter, "handle": state["handle"]}
    data = {"name": name[:LONGEST_NAME], "host": host_of(request), **told}
    AuditEntry.write("staff.passkey_added", by=staff, on=staff, changes={"passkey": (None, data["name"])})
    return Authenticator.objects.create(user_id=staff.pk, type=PASSKEY, data=data)


@transaction.atomic
def rename(passkey: Authenticator, name: str, *, by: Staff) -> None:
    """Call a passkey something else."""
    was, passkey.data["name"] = passkey.data["name"], name[:LONGEST_NAME]
    passkey.save(update_fields=["data"])
    if was != passkey.data["name"]:
        AuditEntry.write("staff.passkey_renamed", by=by, on=by, changes={"passkey": (was, passkey.data["name"])})


@transaction.atomic
def remove(passkey: Authenticator, *, by: Staff) -> None:
    """Let a passkey open nothing any more; without any second factor, recovery codes open nothing either."""
    passkey.delete()
    AuditEntry.write("staff.passkey_removed", by=by, on=by, changes={"passkey": (passkey.data["name"], None)})
    factors.drop_codes_alone(by)


def ask(request: HttpRequest, staff: Staff | None, *, alone: bool = True) -> dict[str, Any]:
    """Give what a browser needs to show a passkey: of somebody, or of whoever sits there.

    `alone` it has to say who is using it (finger, face, PIN); beside a password, having it is enough.
    """
    theirs = _described(list(of(staff))) if staff else None
    need = VERIFIED if alone else WELCOME
    options, state = _server(request).authenticate_begin(theirs, user_verification=need)
    _remember(request, state, staff)
    return dict(options)


def proven(request: HttpRequest, answer: str, staff: Staff | None) -> Staff:
    """Say whose passkey was shown; NotProven where it answers nothing that was asked, TooManyAttempts after a while."""
    state, credential = _asked(request, staff), _read(answer)
    key = str(credential.get("id", ""))[:1500]
    attempt = SignInAttempt.count(f"passkey {key}", request.META.get("REMOTE_ADDR"))
    known = Authenticator.objects.filter(type=PASSKEY, data__key=key).first()
    whose = Staff.objects.filter(pk=known.user_id, is_active=True).first() if known else None
    if known is None or whose is None or (staff and whose != staff):
        raise NotProven(_("This passkey is not known here. Sign in with the password."))
    if not _shown(request, known.pk, state, credential):
        whose.note("passkey_refused", request)
        raise NotProven(_("The passkey did not open. Try again."))
    attempt.succeed()
    return whose


@transaction.atomic
def _shown(request: HttpRequest, key: int, state: dict[str, Any], credential: dict[str, Any]) -> bool:
    """Check the signature, and that the passkey counts on: one that counts back was copied."""
    passkey = Authenticator.objects.select_for_update().get(pk=key)
    public = AttestedCredentialData(websafe_decode(passkey.data["public"]))
    try:
        _server(request).authenticate_complete(state, [public], credential)
        shown = AuthenticationResponse.from_dict(credential).response
    except (ValueError, TypeError, KeyError, LookupError):
        return False
    counter, before = shown.authenticator_data.counter, passkey.data["counter"]
    foreign = shown.user_handle is not None and websafe_encode(shown.user_handle) != passkey.data["handle"]
    if foreign or ((counter or before) and counter <= before):
        return False
    passkey.data["counter"], passkey.last_used_at = counter, timezone.now()
    passkey.save(update_fields=["data", "last_used_at"])
    return True


def _server(request: HttpRequest) -> Fido2Server:
    """Ask in the name of the host that was called, and take answers from its own pages alone."""
    origin = f"{request.scheme}://{request.get_host()}"
    return Fido2Server(PublicKeyCredentialRpEntity(id=host_of(request), name="Guanxi"), verify_origin=origin.__eq__)


def _described(passkeys: list[Authenticator]) -> list[PublicKeyCredentialDescriptor]:
    kind = PublicKeyCredentialType.PUBLIC_KEY
    return [PublicKeyCredentialDescriptor(type=kind, id=websafe_decode(each.data["key"])) for each in passkeys]


def _remember(request: HttpRequest, state: dict[str, Any], staff: Staff | None, **more: str) -> None:
    asked = {"challenge": state["challenge"], "user_verification": str(state["user_verification"].value)}
    request.session[STATE] = {**asked, "of": staff.pk if staff else None, "at": time.time(), **more}


def _asked(request: HttpRequest, staff: Staff | None) -> dict[str, Any]:
    """Take what was asked, once."""
    state: dict[str, Any] | None = request.session.pop(STATE, None)
    fresh = state is not None and time.time() - state["at"] <= STATE_SECONDS
    if state is None or not fresh or state["of"] != (staff.pk if staff else None):
        raise NotProven(_("That took too long. Try again."))
    return state


def _read(answer: str) -> dict[str, Any]:
    try:
        told = json.loads(answer[:50_000])
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise NotProven(_("The passkey did not open. Try again."))
    return told


def _number(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
