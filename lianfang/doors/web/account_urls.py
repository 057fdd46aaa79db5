"""The paths of signing in and of one's own account."""

from django.urls import path

from lianfang.doors.web import accounts

urlpatterns = [
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-in/code/", accounts.code, name="sign-in-code"),
    path("sign-in/as/", accounts.sign_in_as, name="sign-in-as"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("account/", accounts.account, name="account"),
    path("account/password/", accounts.password, name="password"),
    path("account/second-factor/", accounts.set_up, name="second-factor"),
    path("account/recovery-codes/", accounts.recovery_codes, name="recovery-codes"),
]
