"""HTTP for people, tokens and sessions."""

from apps.users.views.accounts import ProfileView, RegisterView, UserViewSet
from apps.users.views.credentials import (
    ChangePasswordView,
    ResendVerificationView,
    ResetPasswordView,
    ResetRequestView,
    VerifyAddressView,
)
from apps.users.views.pages import ResetPage, VerifyPage
from apps.users.views.sessions import LoginView, LogoutView, RefreshView, SessionViewSet

__all__ = [
    "ChangePasswordView",
    "LoginView",
    "LogoutView",
    "ProfileView",
    "RefreshView",
    "RegisterView",
    "ResendVerificationView",
    "ResetPage",
    "ResetPasswordView",
    "ResetRequestView",
    "SessionViewSet",
    "UserViewSet",
    "VerifyAddressView",
    "VerifyPage",
]
