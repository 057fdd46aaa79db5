"""The paths of signing in, of one's own account, and of administration."""

from django.urls import path

from lianfang.doors.web import accounts, administration, safekeeping

urlpatterns = [
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-in/code/", accounts.code, name="sign-in-code"),
    path("sign-in/as/", accounts.sign_in_as, name="sign-in-as"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("account/", accounts.account, name="account"),
    path("account/password/", accounts.password, name="password"),
    path("account/second-factor/", accounts.set_up, name="second-factor"),
    path("account/recovery-codes/", accounts.recovery_codes, name="recovery-codes"),
    path("administration/", administration.index, name="administration"),
    path("administration/users/", administration.users, name="users"),
    path("administration/users/make/", administration.make_user, name="make-user"),
    path("administration/users/<str:username>/", administration.user, name="user"),
    path("administration/grants/", administration.grants, name="grants"),
    path("administration/grants/give/", administration.give, name="give-grant"),
    path("administration/grants/<int:number>/end/", administration.end_grant, name="end-grant"),
    path("administration/second-factor/end/", administration.end_second_factor, name="end-second-factor"),
    path("administration/devices/", administration.devices, name="devices"),
    path("administration/devices/enrol/", administration.enrol, name="enrol-device"),
    path("administration/devices/<slug:code>/revoke/", administration.revoke, name="revoke-device"),
    path("administration/keys/", safekeeping.month_keys, name="keys"),
    path("administration/keys/<slug:name>/destroy/", safekeeping.destroy_key, name="destroy-key"),
    path("administration/access-log/", safekeeping.log, name="access-log"),
    path("administration/seals/", safekeeping.seals, name="seals"),
    path("administration/acts/", safekeeping.acts, name="acts"),
]
