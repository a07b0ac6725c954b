"""HTTP for people, tokens and sessions."""

from apps.users.views.accounts import MeView, ProfileView, RegisterView, UserUpdateViewSet, UserViewSet
from apps.users.views.credentials import (
    ChangePasswordView,
    ResendVerificationView,
    ResetPasswordView,
    ResetRequestView,
    VerifyAddressView,
)
from apps.users.views.pages import ResetPage, VerifyPage
from apps.users.views.sessions import (
    LoginView,
    LogoutView,
    RefreshView,
    SessionViewSet,
    TokenRefreshView,
    TokenView,
)

__all__ = [
    "ChangePasswordView",
    "LoginView",
    "LogoutView",
    "MeView",
    "ProfileView",
    "RefreshView",
    "RegisterView",
    "ResendVerificationView",
    "ResetPage",
    "ResetPasswordView",
    "ResetRequestView",
    "SessionViewSet",
    "TokenRefreshView",
    "TokenView",
    "UserUpdateViewSet",
    "UserViewSet",
    "VerifyAddressView",
    "VerifyPage",
]
