"""The pages on which an owner looks after who works here, and what each role may do."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.forms import InviteForm, JoinForm, PasswordForm, RoleForm, RolesForm, SecondFactorRuleForm
from guanxi.accounts.models import Invitation, LinkSpent, SecondFactorRule, Session, Staff
from guanxi.accounts.own import confirmed, signed_out
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.accounts.roles import Role
from guanxi.accounts.views import enter
from guanxi.pages import toasts
from guanxi.pages.components import Tab


@require_GET
@needs("staff.change")
def staff(request: StaffRequest) -> HttpResponse:
    """List who works here, who was invited, and who left."""
    everyone = Staff.objects.visible_to(request.user).order_by("-is_active", "display_name")
    told = {"everyone": everyone, "invitations": Invitation.objects.open().select_related("by").filter(staff=None)}
    return render(request, "accounts/staff.html", {**told, "tabs": _tabs("staff")})


@never_cache
@require_http_methods(["GET", "POST"])
@needs("staff.change")
def invitation(request: StaffRequest) -> HttpResponse:
    """Invite somebody; the link is shown once and kept nowhere."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        token = Invitation.invite(told["display_name"], role=Role(told["role"]), by=request.user)
        return _link(request, token, told["display_name"])
    return render(request, "accounts/invite.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@needs("staff.change")
def invitation_withdrawal(request: StaffRequest, invitation_id: int) -> HttpResponse:
    """Let an invitation open nothing any more."""
    get_object_or_404(Invitation, pk=invitation_id).withdraw(by=request.user)
    toasts.say(request, _("The link opens nothing any more."))
    return redirect("staff")


@require_GET
@needs("staff.change")
def member(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Show one member of staff, and what can be done about them."""
    return _member(request, _found(request, staff_id))


@require_POST
@needs("staff.change")
def member_role(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Give somebody another role."""
    found, form = _found(request, staff_id), RoleForm(request.POST)
    if not form.is_valid():
        return _member(request, found, form, status=422)
    found.change_role(Role(form.cleaned_data["role"]), by=request.user)
    told = {"name": found.display_name, "role": found.get_role_display()}
    toasts.say(request, _("%(name)s is %(role)s now, and has to sign in again.") % told)
    return redirect("staff-member", found.pk)


@require_POST
@needs("staff.change")
def member_deactivation(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Let somebody in no more; it can be undone."""
    found = _found(request, staff_id)
    found.deactivate(by=request.user)
    undo = reverse("staff-reactivation", args=[found.pk])
    toasts.say(request, _("%(name)s cannot sign in any more.") % {"name": found.display_name}, undo_url=undo)
    return redirect("staff")


@require_POST
@needs("staff.change")
def member_reactivation(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Let somebody in again."""
    found = _found(request, staff_id)
    found.reactivate(by=request.user)
    toasts.say(request, _("%(name)s can sign in again.") % {"name": found.display_name})
    return redirect("staff-member", found.pk)


@never_cache
@require_POST
@needs("staff.change")
def member_password(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Make a link by which somebody chooses a new password."""
    found = get_object_or_404(Staff.objects.visible_to(request.user).filter(is_active=True), pk=staff_id)
    return _link(request, Invitation.renew(found, by=request.user), found.display_name, renews=found)


@require_POST
@needs("staff.change")
def member_sessions_ending(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Sign somebody out everywhere; whoever does it to themselves stays here."""
    found = _found(request, staff_id)
    some = Session.objects.open().besides(request.session.session_key)
    toasts.say(request, signed_out(some.end(of=found, by=request.user)))
    return redirect("staff-member", found.pk)


@require_http_methods(["GET", "POST"])
@needs("roles.change")
def roles(request: StaffRequest) -> HttpResponse:
    """Say what each role may do, and how much of each field it sees."""
    form = RolesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        count = form.save(by=request.user)
        said = ngettext("Saved %(count)s change of the roles.", "Saved %(count)s changes of the roles.", count)
        toasts.say(request, said % {"count": count} if count else _("Nothing was different."))
        return redirect("roles")
    told = {"form": form, "tabs": _tabs("roles")}
    return render(request, "accounts/roles.html", told, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs("roles.change")
@confirmed
def second_factor_rule(request: StaffRequest) -> HttpResponse:
    """Say whether owners need a second factor, and show who has one."""
    since = SecondFactorRule.since()
    form = SecondFactorRuleForm(request.POST or None, initial={"required": int(since is not None)})
    if request.method == "POST" and form.is_valid():
        SecondFactorRule.change(required=form.cleaned_data["required"], by=request.user)
        toasts.say(request, _("Saved. It holds from the next click of every owner."))
        return redirect("second-factor-rule")
    everyone = Staff.objects.filter(is_active=True).with_factors().order_by("display_name")
    told = {
        "form": form,
        "since": since,
        "is_later": bool(since and since > timezone.now()),
        "owners": [each for each in everyone if each.role == Role.OWNER],
        "others": [each for each in everyone if each.role != Role.OWNER],
        "tabs": _tabs("second-factor-rule"),
    }
    return render(request, "accounts/second_factor_rule.html", told, status=422 if form.errors else 200)


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Let in whoever holds an invitation, once: they choose how they sign in, or a new password."""
    invitation = Invitation.objects.by_token(token)
    if invitation is None:
        return render(request, "accounts/link_spent.html", {"invited": True}, status=410)
    form = _join_form(request, invitation)
    if request.method == "POST" and form.is_valid():
        told: dict[str, Any] = dict(form.cleaned_data)
        if not invitation.staff:
            told["language"] = get_language() or ""
        try:
            staff = invitation.accept(**told)
        except LinkSpent:
            return render(request, "accounts/link_spent.html", {"invited": True}, status=410)
        return enter(request, staff)
    told = {"form": form, "invitation": invitation}
    return render(request, "accounts/join.html", told, status=422 if form.errors else 200)


def _join_form(request: HttpRequest, invitation: Invitation) -> PasswordForm:
    sent = request.POST or None
    if invitation.staff:
        return PasswordForm(sent, staff=invitation.staff)
    return JoinForm(sent, initial={"display_name": invitation.display_name})


def _found(request: StaffRequest, staff_id: int) -> Staff:
    return get_object_or_404(Staff.objects.visible_to(request.user), pk=staff_id)


def _member(request: StaffRequest, found: Staff, form: RoleForm | None = None, status: int = 200) -> HttpResponse:
    told = {
        "member": found,
        "sessions": Session.objects.of(found).open(),
        "here": request.session.session_key,
        "form": form or RoleForm(initial={"role": found.role}),
        "is_self": found == request.user,
    }
    return render(request, "accounts/member.html", told, status=status)


def _link(request: StaffRequest, token: str, name: str, *, renews: Staff | None = None) -> HttpResponse:
    """Show a link, once."""
    told = {"link": request.build_absolute_uri(reverse("join", args=[token])), "name": name, "renews": renews}
    return render(request, "accounts/link.html", told)


def _tabs(active: str) -> list[Tab]:
    pages = (
        ("staff", _("Staff")),
        ("roles", _("Roles and permissions")),
        ("second-factor-rule", _("Second factor")),
    )
    return [Tab(title, reverse(name), active=name == active) for name, title in pages]
