"""Routes of projects, members and their history."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.projects import views

PROJECT = r"projects/(?P<project_pk>[0-9]{1,18})"

router = SimpleRouter()
router.register("projects", views.ProjectViewSet, basename="project")
router.register(rf"{PROJECT}/members", views.MemberViewSet, basename="project-member")
router.register(rf"{PROJECT}/activity", views.ProjectActivityViewSet, basename="project-activity")

urlpatterns = router.urls
