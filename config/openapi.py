"""What the OpenAPI document says of the API as a whole: title, introduction, tags, names of enums."""

from __future__ import annotations

from typing import Any

DESCRIPTION = """\
Projects, tasks, files, notifications and reports for teams.

**Getting started**

1. Call *Log in* (`POST /api/auth/login/`) with a username or e-mail address and a password.
2. Send the `access` token of its answer with every request: `Authorization: Bearer <access>`. In Swagger UI,
   paste it into *Authorize*.
3. It lives for five minutes. *Refresh the tokens* exchanges the `refresh` token for the next pair.

A script uses an **API token** (`thp_…`) in its place: it lives for months and may do what its scopes say. `security`
names the scope of each operation; those without one are for people who log in.

**Lists** come in pages of `{"next", "previous", "results"}`; `next` and `previous` are addresses, and the `cursor`
in them is what the `cursor` parameter takes. An unknown parameter is an error.

**Errors** are `application/problem+json` (RFC 9457): programs read `code`, people read `detail`, and `errors`
names each field that is not valid.

**Concurrent changes**: tasks and projects answer an `ETag`. Send it back in `If-Match`, and a change that came
in between gives 412 instead of being overwritten. **Retries**: a `POST` with an `Idempotency-Key` is carried out once.
"""
TAGS = [
    {"name": "authentication", "description": "Log in and out, refresh tokens, and see where an account is logged in."},
    {"name": "account", "description": "Open an account; verify its address; change its profile and password."},
    {"name": "tokens", "description": "API tokens: let a script do a part of what the caller may do."},
    {"name": "tasks", "description": "Tasks of the projects that the caller is a member of."},
    {"name": "attachments", "description": "The files of a task."},
    {"name": "views", "description": "Filters that people keep under a name."},
    {"name": "labels", "description": "The labels of a project; tasks name those that they carry."},
    {"name": "comments", "description": "What people write about a task."},
    {"name": "relations", "description": "Which tasks block, relate to or duplicate a task."},
    {"name": "batches", "description": "Changes of many tasks: tried out, looked up, undone."},
    {"name": "watching", "description": "Who watches a task, and how much the caller wants to hear."},
    {"name": "trash", "description": "What was deleted: bring it back, or erase it for good."},
    {"name": "projects", "description": "The caller's own projects and those shared with the caller."},
    {"name": "members", "description": "Who is in a project, and in which role."},
    {"name": "invitations", "description": "Who was asked to join a project, and what became of it."},
    {"name": "events", "description": "What happened in a project, for programs that follow it."},
    {"name": "sync", "description": "For apps that keep a copy of what the caller sees."},
    {"name": "reports", "description": "Reports on a project, built in the background and downloaded as CSV."},
    {
        "name": "exports",
        "description": "Everything in a project, or of an account, as a zip built in the background.",
    },
    {"name": "calendar-feeds", "description": "Tasks with a date as calendars that programs subscribe to."},
    {"name": "imports", "description": "Files of other tools, and what became of each row."},
    {"name": "webhooks", "description": "Where the events of a project are sent, and what became of each."},
    {"name": "notifications", "description": "What the caller has been notified of."},
    {"name": "users", "description": "All accounts, for staff; everybody finds their own."},
    {"name": "service", "description": "The addresses of the parts of the API."},
]
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Taskhouse API",
    "VERSION": "1.0.0",
    "DESCRIPTION": DESCRIPTION,
    "OAS_VERSION": "3.1.0",
    "TAGS": TAGS,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/",
    "SCHEMA_COERCE_PATH_PK_SUFFIX": True,
    "ENUM_SUFFIX": "",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.common.openapi.hooks.share_enums",
        "apps.common.openapi.hooks.distinguish_constants",
        "apps.common.openapi.hooks.add_components",
        "apps.common.openapi.hooks.name_servers",
        "apps.common.openapi.hooks.open_routes",
        "apps.common.openapi.hooks.plain_references",
        "apps.common.openapi.hooks.plain_pages",
        "apps.common.openapi.hooks.open_forms",
        "apps.common.openapi.examples.add_examples",
    ],
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "docExpansion": "none",
        "filter": True,
        "persistAuthorization": False,
        "validatorUrl": None,
    },
    # The order matters where two enums share a value: the later one gets longer names for its constants. Append.
    "ENUM_NAME_OVERRIDES": {
        "Role": "apps.projects.roles.Role",
        "TaskStatus": "apps.tasks.models.Status",
        "TaskPriority": "apps.tasks.models.Priority",
        "GrantableRole": "apps.projects.roles.GRANTABLE_CHOICES",
        "ReportStatus": "apps.reports.models.ReportStatus",
        "ProblemCode": "apps.common.api.codes.PROBLEM_CHOICES",
        "FieldErrorCode": "apps.common.api.codes.FIELD_CHOICES",
        "ActivityVerb": "apps.projects.verbs.VERB_CHOICES",
        "TrashEntryType": "apps.projects.models.TrashEntry.Type",
        "EventType": "apps.projects.events.TYPE_CHOICES",
        "RelationKind": "apps.tasks.relations.kinds.KIND_CHOICES",
        "OnParentDone": "apps.projects.models.OnParentDone",
        "EventOrigin": "apps.common.origin.ORIGIN_CHOICES",
        "OrderEnd": "apps.projects.models.NewTasks",
        "WatchReason": "apps.tasks.models.WatchReason",
        "TaskWatchLevel": "apps.tasks.watching.serializers.TASK_CHOICES",
        "ProjectWatchLevel": "apps.tasks.watching.serializers.PROJECT_CHOICES",
        "ChosenWatchLevel": "apps.tasks.watching.serializers.CHOSEN",
        "TokenScope": "apps.tokens.serializers.SCOPE_CHOICES",
        "WantedTokenScope": "apps.tokens.serializers.WANTED_CHOICES",
        "SyncType": "apps.sync.serializers.TYPE_CHOICES",
        "SyncOp": "apps.sync.serializers.OP_CHOICES",
        "ExportScope": "apps.exports.models.ExportScope",
        "ExportState": "apps.exports.models.ExportState",
        "Result": "apps.batches.models.Outcome",
        "ImportSource": "apps.imports.models.ImportSource",
        "WantedImportSource": "apps.imports.serializers.SOURCES",
        "ImportState": "apps.imports.models.ImportState",
        "OnExisting": "apps.imports.models.OnExisting",
        "ImportRowResult": "apps.imports.models.RowResult",
        "DateOrder": "apps.imports.serializers.DATE_ORDERS",
        "WebhookState": "apps.webhooks.models.State",
        "DisabledReason": "apps.webhooks.models.Reason",
        "WebhookPayload": "apps.webhooks.models.Payload",
        "WebhookEvent": "apps.webhooks.serializers.PATTERN_CHOICES",
        "DeliveryState": "apps.webhooks.models.DeliveryState",
        "DeliveryType": "apps.webhooks.serializers.DELIVERED_CHOICES",
        "RedeliveryState": "apps.webhooks.serializers.AGAIN",
        "InvitationState": "apps.invitations.models.State",
        "InvitationMailState": "apps.invitations.serializers.MAIL_CHOICES",
        "CalendarComponents": "apps.calendars.models.Components",
        "ImportEncoding": "apps.imports.serializers.ENCODING_CHOICES",
    },
}
