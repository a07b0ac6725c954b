"""Routes of invitations."""

from __future__ import annotations

from django.urls import include, re_path
from rest_framework.routers import SimpleRouter

from apps.common.secret_links import PATTERN
from apps.invitations import views
from apps.projects.urls import PROJECT

TOKEN = f"invitations/(?P<token>{PATTERN})"

router = SimpleRouter()
router.register(rf"{PROJECT}/invitations", views.InvitationViewSet, basename="project-invitation")

urlpatterns = [
    re_path(rf"^{TOKEN}/$", views.PublicInvitationView.as_view(), name="invitation-of-token"),
    re_path(rf"^{TOKEN}/accept/$", views.AcceptInvitationView.as_view(), name="invitation-accept"),
    re_path(rf"^{TOKEN}/decline/$", views.DeclineInvitationView.as_view(), name="invitation-decline"),
    re_path("^", include(router.urls)),
]
