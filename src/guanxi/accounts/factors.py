"""Second factors: the codes of an app, and recovery codes for the day the phone is lost; passkeys are `passkeys`'.

django-allauth keeps them; their secrets are sealed here, and every code is spent once, in the database, so that no
second process takes the same code again.
"""

import base64
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.db import transaction
from django.utils import timezone
from qrcode import make
from qrcode.image.svg import SvgPathFillImage

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.guard.sealing import context, seal, unseal

PLACE = context("mfa_authenticator", "any", "data")  # allauth seals before it knows the row
TOTP, CODES = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth brings no types
    """How allauth seals the secrets it keeps, and what apps call us."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return base64.urlsafe_b64encode(seal(text, PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret."""
        return unseal(base64.urlsafe_b64decode(encrypted_text), PLACE)

    def get_totp_label(self, user: Any) -> str:
        """Name the account in the app."""
        return str(user.sign_in_name)

    def get_totp_issuer(self) -> str:
        """Name the place in the app."""
        return "Guanxi"


def held(staff: Staff) -> Any:
    """What somebody has to show besides the password, oldest first; nothing where the password is enough."""
    return Authenticator.objects.filter(user_id=staff.pk).exclude(type=CODES).order_by("pk")


def kinds(staff: Staff) -> set[str]:
    """Say which kinds of second factors somebody has, recovery codes apart."""
    return set(held(staff).values_list("type", flat=True))


def new_secret() -> str:
    """Draw a secret for an app, sealed, to be kept in the session until a code proves that the app has it."""
    return Adapter().encrypt(totp.generate_totp_secret())


def shown(staff: Staff, sealed: str) -> dict[str, str]:
    """Write a secret for people: as a picture to scan, and in letters."""
    secret = Adapter().decrypt(sealed)
    image = make(Adapter().build_totp_url(staff, secret), image_factory=SvgPathFillImage, border=2)
    picture = base64.b64encode(image.to_string()).decode()
    letters = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return {"picture": f"data:image/svg+xml;base64,{picture}", "letters": letters}


@transaction.atomic
def add_app(staff: Staff, sealed: str, code: str) -> bool:
    """Take an app as second factor once it shows a right code; an older app's codes open nothing any more."""
    secret = Adapter().decrypt(sealed)
    if (counter := _counter(secret, code, 0)) is None:
        return False
    Authenticator.objects.filter(user_id=staff.pk, type=TOTP).delete()
    Authenticator.objects.create(user_id=staff.pk, type=TOTP, data={"secret": sealed, "counter": counter})
    AuditEntry.write("staff.second_factor_added", by=staff, on=staff)
    return True


@transaction.atomic
def spend(staff: Staff, code: str) -> bool:
    """Take a code of the app or a recovery code, once; of two who show the same, one comes in."""
    code = code.replace(" ", "").replace("-", "")
    if len(code) == totp.app_settings.RECOVERY_CODE_DIGITS:
        kept = Authenticator.objects.filter(user_id=staff.pk, type=CODES).first()
        right = bool(kept and RecoveryCodes(kept).validate_code(code))
        if right:
            AuditEntry.write("staff.recovery_code_used", by=staff, on=staff)
        return right
    app = Authenticator.objects.select_for_update().filter(user_id=staff.pk, type=TOTP).first()
    counter = _counter(Adapter().decrypt(app.data["secret"]), code, app.data["counter"]) if app else None
    if app and counter is not None:
        app.data["counter"], app.last_used_at = counter, timezone.now()
        app.save(update_fields=["data", "last_used_at"])
    return counter is not None


@transaction.atomic
def new_codes(staff: Staff) -> list[str]:
    """Make ten recovery codes; older ones open nothing any more."""
    Authenticator.objects.filter(user_id=staff.pk, type=CODES).delete()
    AuditEntry.write("staff.recovery_codes_made", by=staff, on=staff)
    codes: list[str] = RecoveryCodes.activate(staff).generate_codes()
    return codes


def codes_left(staff: Staff) -> int:
    """Count the recovery codes that were not used yet."""
    kept = Authenticator.objects.filter(user_id=staff.pk, type=CODES).first()
    return len(RecoveryCodes(kept).get_unused_codes()) if kept else 0


@transaction.atomic
def remove(staff: Staff, *, by: Staff | None, act: str = "staff.second_factor_removed") -> int:
    """Forget every second factor of somebody, and their recovery codes; says how many factors there were."""
    count: int = held(staff).count()
    Authenticator.objects.filter(user_id=staff.pk).delete()
    if count:
        AuditEntry.write(act, by=by, on=staff)
    return count


@transaction.atomic
def remove_app(staff: Staff) -> bool:
    """Forget the app; recovery codes go with the last second factor."""
    count, _rows = Authenticator.objects.filter(user_id=staff.pk, type=TOTP).delete()
    if count:
        AuditEntry.write("staff.second_factor_removed", by=staff, on=staff)
        drop_codes_alone(staff)
    return bool(count)


def drop_codes_alone(staff: Staff) -> None:
    """Forget recovery codes that stand for nothing: of somebody whose password is enough."""
    if not held(staff).exists():
        Authenticator.objects.filter(user_id=staff.pk).delete()


def _counter(secret: str, code: str, after: int) -> int | None:
    """Find the half minute a code belongs to, later than that of the last one spent."""
    for counter in totp.yield_hotp_counters_from_time():
        value = totp.format_hotp_value(totp.hotp_value(secret, counter))
        if counter > after and compare_user_code(actual=code, expected=value):
            return int(counter)
    return None
