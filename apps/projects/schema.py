"""What OpenAPI says of projects, members and history: summaries, examples, refusals."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema

from apps.common.openapi.schema import refusals
from apps.projects.serializers import (
    MemberSerializer,
    ProjectDetailSerializer,
    ProjectSerializer,
    TransferProjectSerializer,
)

PERSON = {"id": 7, "username": "ada", "nickname": "Ada", "avatar": None}
COLLEAGUE = {"id": 8, "username": "grace", "nickname": "", "avatar": None}
MEMBER = {"user": COLLEAGUE, "role": "member", "joined_at": "2026-11-20T08:05:00Z"}
PROJECT = {
    "id": 12,
    "key": "WEB",
    "name": "Website",
    "description": "The new one.",
    "owner": PERSON,
    "role": "owner",
    "is_inbox": False,
    "is_archived": False,
    "members_count": 2,
    "tasks_count": 3,
    "open_tasks_count": 2,
    "version": 1,
    "created_at": "2026-11-20T08:00:00Z",
    "updated_at": "2026-11-20T08:00:00Z",
}
DETAIL = PROJECT | {"members": [{"user": PERSON, "role": "owner", "joined_at": "2026-11-20T08:00:00Z"}, MEMBER]}
ACTIVITY = {
    "id": 90,
    "actor": PERSON,
    "verb": "updated",
    "task": None,
    "task_key": "",
    "changes": {"name": {"from": "Web", "to": "Website"}},
    "created_at": "2026-11-20T09:00:00Z",
}

INBOX = "An Inbox cannot be deleted, shared, archived or transferred."
ARCHIVED = "The project is archived and so read-only."
KEY_TAKEN = "The owner already has a project with this key."
OWNER_STAYS = "The owner stays the owner until the project is transferred."
STALE = {412: {"precondition_failed": "The stored version is none of those in If-Match; the ETag is the current one."}}


def _sent(name: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


def _shown(name: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=["200", "201"])


SHOWN = _shown("A project", DETAIL)
EDITED = {200: ProjectDetailSerializer} | refusals(
    STALE | {409: {"key_taken": KEY_TAKEN, "project_archived": ARCHIVED}}
)

PROJECTS = {
    "list": extend_schema(
        summary="List own and shared projects",
        description="Active ones, newest first; `archived=true` lists the archived ones instead.",
        examples=[_shown("A project", PROJECT)],
    ),
    "create": extend_schema(
        summary="Create a project",
        description="Whoever asks becomes the owner. Without `key` one is made from the name.",
        request=ProjectSerializer,
        examples=[
            _sent("A name is enough", {"name": "Website"}),
            _sent("With a key", {"name": "Website", "key": "WEB"}),
            SHOWN,
        ],
        responses={201: ProjectDetailSerializer} | refusals({409: {"key_taken": KEY_TAKEN}}),
    ),
    "retrieve": extend_schema(summary="Show a project with its members", examples=[SHOWN]),
    "update": extend_schema(
        summary="Replace a project's fields",
        description="`name` is required; `key` and `description` stay as they are when left out.",
        request=ProjectSerializer,
        examples=[_sent("All fields", {"name": "Website", "key": "WEB", "description": ""}), SHOWN],
        responses=EDITED,
    ),
    "partial_update": extend_schema(
        summary="Change some of a project's fields",
        request=ProjectSerializer,
        examples=[_sent("Rename", {"name": "Website"}), SHOWN],
        responses=EDITED,
    ),
    "destroy": extend_schema(
        summary="Delete a project with its tasks and files",
        responses={204: None} | refusals(STALE | {409: {"inbox_is_personal": INBOX}}),
    ),
    "archive": extend_schema(
        summary="Archive a project",
        description="It becomes read-only and leaves the default lists. Once more changes nothing.",
        request=None,
        examples=[_shown("An archived project", DETAIL | {"is_archived": True, "version": 2})],
        responses={200: ProjectDetailSerializer} | refusals(STALE | {409: {"inbox_is_personal": INBOX}}),
    ),
    "unarchive": extend_schema(
        summary="Take a project out of the archive",
        request=None,
        examples=[SHOWN],
        responses={200: ProjectDetailSerializer} | refusals(STALE),
    ),
    "transfer": extend_schema(
        summary="Transfer a project to another member",
        description="The old owner becomes an admin. To the owner themself changes nothing.",
        request=TransferProjectSerializer,
        examples=[
            _sent("To a member", {"user_id": 8}),
            _shown("As its old owner sees it", DETAIL | {"owner": COLLEAGUE, "role": "admin", "version": 2}),
        ],
        responses={200: ProjectDetailSerializer}
        | refusals(STALE | {409: {"key_taken": KEY_TAKEN, "inbox_is_personal": INBOX}}),
    ),
}

MEMBERS = {
    "list": extend_schema(
        summary="List a project's members",
        description="In the order in which they joined.",
        examples=[_shown("A member", MEMBER)],
    ),
    "create": extend_schema(
        operation_id="addProjectMember",
        summary="Add a member",
        description="Name the person by exactly one of `user_id`, `email` and `username`. They are told.",
        examples=[
            _sent("By e-mail address", {"email": "grace@example.org", "role": "member"}),
            _sent("By id, to read only", {"user_id": 8, "role": "viewer"}),
            _shown("The member", MEMBER),
        ],
        responses={201: MemberSerializer}
        | refusals(
            {
                404: {
                    "not_found": "There is no such project, or you do not see it.",
                    "user_not_found": "Nobody active has this id or name.",
                },
                409: {
                    "already_member": "The person is a member already.",
                    "project_archived": ARCHIVED,
                    "inbox_is_personal": INBOX,
                },
            }
        ),
    ),
    "partial_update": extend_schema(
        summary="Change a member's role",
        description="Up to admin; they are told. The same role again changes nothing.",
        examples=[_sent("Make somebody an admin", {"role": "admin"}), _shown("The member", MEMBER | {"role": "admin"})],
        responses={200: MemberSerializer}
        | refusals({409: {"owner_must_stay": OWNER_STAYS, "project_archived": ARCHIVED}}),
    ),
    "destroy": extend_schema(
        operation_id="removeProjectMember",
        summary="Remove a member, or leave",
        description="Everybody but the owner may remove themself. Who leaves is unassigned from all tasks.",
        responses={204: None} | refusals({409: {"owner_must_stay": OWNER_STAYS}}),
    ),
}

PROJECT_HISTORY = {
    "list": extend_schema(
        summary="List a project's history",
        description="Newest first: who changed what, with the old and new value of each field.",
        examples=[_shown("A change", ACTIVITY)],
    )
}
