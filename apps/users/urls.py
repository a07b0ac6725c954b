"""Routes of people, tokens and sessions, and the pages behind links in mails."""

from __future__ import annotations

from django.urls import include, path, re_path

from apps.users import views

ID = "(?P<pk>[0-9]{1,18})"

api_urlpatterns = [
    path("auth/register/", views.RegisterView.as_view()),
    path("auth/login/", views.LoginView.as_view()),
    path("token/", views.TokenView.as_view()),
    path("auth/refresh/", views.RefreshView.as_view()),
    path("token/refresh/", views.TokenRefreshView.as_view()),
    path("auth/logout/", views.LogoutView.as_view()),
    path("auth/profile/", views.ProfileView.as_view()),
    path("auth/change-password/", views.ChangePasswordView.as_view()),
    path("auth/verify-email/", views.VerifyAddressView.as_view()),
    path("auth/verify-email/resend/", views.ResendVerificationView.as_view()),
    path("auth/password-reset/", views.ResetRequestView.as_view()),
    path("auth/password-reset/confirm/", views.ResetPasswordView.as_view()),
    path("auth/sessions/", views.SessionViewSet.as_view({"get": "list"})),
    path("auth/sessions/revoke-others/", views.SessionViewSet.as_view({"post": "revoke_others"})),
    re_path(rf"^auth/sessions/{ID}/$", views.SessionViewSet.as_view({"delete": "destroy"})),
    path("auth/users/", views.UserViewSet.as_view({"get": "list"})),
    path("auth/users/me/", views.MeView.as_view()),
    re_path(
        rf"^auth/users/{ID}/$",
        views.UserViewSet.as_view({"get": "retrieve", "put": "update", "patch": "partial_update"}),
    ),
    re_path(rf"^auth/users/{ID}/update/$", views.UserUpdateViewSet.as_view({"put": "update"})),
]

urlpatterns = [
    path("api/", include(api_urlpatterns)),
    path("verify-email/<str:token>/", views.VerifyPage.as_view(), name="verify-email"),
    path("password-reset/<str:token>/", views.ResetPage.as_view(), name="password-reset"),
]
