"""Routes of the people who work here."""

from django.urls import path

from guanxi.accounts import choices, keys, oversight, own, people, views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/second/", views.second_step, name="sign-in-second"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("lists/<slug:list_name>/views/", choices.views, name="list-views"),
    path("lists/<slug:list_name>/columns/", choices.columns, name="list-columns"),
    path("lists/views/<int:view_id>/", choices.view, name="list-view"),
    path("lists/views/<int:view_id>/deletion/", choices.view_deletion, name="list-view-deletion"),
    path("lists/views/<int:view_id>/return/", choices.view_return, name="list-view-return"),
    path("time-zone/", views.time_zone, name="time-zone"),
    path("profile/", own.profile, name="profile"),
    path("profile/confirmation/", own.confirm, name="confirm"),
    path("profile/password/", own.password, name="password"),
    path("profile/second-factor/", own.second_factor, name="second-factor"),
    path("profile/second-factor/removal/", own.second_factor_removal, name="second-factor-removal"),
    path("profile/second-factor/codes/", own.recovery_codes, name="recovery-codes"),
    path("join/<str:token>/", people.join, name="join"),
    path("settings/staff/", people.staff, name="staff"),
    path("settings/staff/invitation/", people.invitation, name="staff-invitation"),
    path(
        "settings/staff/invitations/<int:invitation_id>/withdrawal/",
        people.invitation_withdrawal,
        name="staff-invitation-withdrawal",
    ),
    path("settings/staff/<int:staff_id>/", people.member, name="staff-member"),
    path("settings/staff/<int:staff_id>/role/", people.member_role, name="staff-role"),
    path("settings/staff/<int:staff_id>/deactivation/", people.member_deactivation, name="staff-deactivation"),
    path("settings/staff/<int:staff_id>/reactivation/", people.member_reactivation, name="staff-reactivation"),
    path("settings/staff/<int:staff_id>/password/", people.member_password, name="staff-password"),
    path("settings/staff/roles/", people.roles, name="roles"),
    path("settings/keys/", keys.keys, name="api-keys"),
    path("settings/keys/new/", keys.new, name="api-key-new"),
    path("settings/keys/<int:key_id>/rotation/", keys.rotation, name="api-key-rotation"),
    path("settings/keys/<int:key_id>/revocation/", keys.revocation, name="api-key-revocation"),
    path("settings/audit/", oversight.audit, name="audit"),
    path("settings/audit/csv/", oversight.audit_csv, name="audit-csv"),
    path("settings/access/", oversight.accesses, name="accesses"),
    path("settings/access/csv/", oversight.accesses_csv, name="accesses-csv"),
]
