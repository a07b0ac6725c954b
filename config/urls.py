"""The URL map: one include per app."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from apps.common.api.links import ApiLinks
from apps.common.monitoring import health
from apps.common.web import pages
from apps.notifications.views import UnsubscribeView

urlpatterns: list[URLPattern | URLResolver] = [
    # One line per app
    path("", include("apps.tasks.urls")),
    path("api/", include("apps.projects.urls")),
    path("api/", include("apps.notifications.urls")),
    path("api/", include("apps.reports.urls")),
    path("api/", include("apps.invitations.urls")),
    path("", include("apps.calendars.urls")),
    path("", include("apps.events.urls")),
    path("api/", include("apps.sync.urls")),
    path("api/", include("apps.exports.urls")),
    path("api/", include("apps.imports.urls")),
    path("api/", include("apps.webhooks.urls")),
    path("", include("apps.users.urls")),
    path("api/", include("apps.tokens.urls")),
    path("", include("apps.web.urls")),
    path("unsubscribe/<str:token>/", UnsubscribeView.as_view(), name="unsubscribe"),
    # Its one-click POST must not be redirected (RFC 8058 §3.1), whatever a mail program makes of the last slash.
    path("unsubscribe/<str:token>", UnsubscribeView.as_view()),
    path("favicon.ico", pages.icon, name="icon"),
    path("health/", health.live, name="health"),
    path("health/ready/", health.ready, name="ready"),
    path("admin/", admin.site.urls),
    path("media/avatars/<str:name>", pages.avatar, name="avatar"),
    path("api/", ApiLinks.as_view(), name="api-links"),
    path("api/schema/", pages.SchemaView.as_view(), name="schema"),
    path("api/schema/swagger-ui/", pages.SwaggerPage.as_view(), name="swagger-ui"),
    path("api/docs/", pages.SwaggerPage.as_view(), name="docs"),
    path("api/schema/redoc/", pages.RedocPage.as_view(), name="redoc"),
]

handler400 = "apps.web.base.errors.bad_request"
handler403 = "apps.web.base.errors.forbidden"
handler404 = "apps.web.base.errors.not_found"
handler500 = "apps.web.base.errors.server_error"
