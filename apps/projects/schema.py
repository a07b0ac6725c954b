"""What OpenAPI says of projects, members and history: summaries, examples, rejections."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
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
    "on_parent_done": "leave",
    "new_tasks": "last",
    "blocked_done": "allow",
    "members_count": 2,
    "tasks_count": 3,
    "open_tasks_count": 2,
    "version": 1,
    "created_at": "2026-11-20T08:00:00Z",
    "updated_at": "2026-11-20T08:00:00Z",
}
DETAIL = PROJECT | {
    "members": [{"user": PERSON, "role": "owner", "joined_at": "2026-11-20T08:00:00Z"}, MEMBER],
    "watch_level": "participating",
}
ACTIVITY = {
    "id": 90,
    "actor": PERSON,
    "verb": "updated",
    "task": None,
    "task_key": "",
    "changes": {"name": {"from": "Web", "to": "Website"}},
    "created_at": "2026-11-20T09:00:00Z",
    "seq": 345,
    "type": "project.updated",
    "origin": "api",
    "token": None,
    "batch_id": None,
}

INBOX = "An Inbox cannot be deleted, shared, archived or transferred."
ARCHIVED = "The project is archived and so read-only."
KEY_TAKEN = "The owner already has a project with this key."
OWNER_STAYS = "The owner stays the owner until the project is transferred."
STALE = {412: {"precondition_failed": "The stored version is none of those in If-Match; the ETag is the current one."}}


SHOWN = answer_example("A project", DETAIL)
EDITED = {200: ProjectDetailSerializer} | rejections(
    STALE | {409: {"key_taken": KEY_TAKEN, "project_archived": ARCHIVED}}
)

PROJECTS = {
    "list": extend_schema(
        summary="List projects",
        description=(
            "The caller's own projects and those shared with them, newest first. `archived=true` lists archived ones."
        ),
        examples=[answer_example("A project", PROJECT)],
    ),
    "create": extend_schema(
        summary="Create a project",
        description="The caller becomes its owner. Without `key` one is made from the name.",
        request=ProjectSerializer,
        examples=[
            request_example("A name is enough", {"name": "Website"}),
            request_example("With a key", {"name": "Website", "key": "WEB"}),
            SHOWN,
        ],
        responses={201: ProjectDetailSerializer} | rejections({409: {"key_taken": KEY_TAKEN}}),
    ),
    "retrieve": extend_schema(
        summary="Get a project",
        description="With its members, and with its `ETag` for `If-Match` and `If-None-Match`.",
        examples=[SHOWN],
    ),
    "update": extend_schema(
        summary="Replace a project",
        description="`name` is required; `key` and `description` stay as they are when left out.",
        request=ProjectSerializer,
        examples=[request_example("All fields", {"name": "Website", "key": "WEB", "description": ""}), SHOWN],
        responses=EDITED,
    ),
    "partial_update": extend_schema(
        summary="Update a project",
        description="Changes the fields that are sent. A new `key` changes the keys of all its tasks.",
        request=ProjectSerializer,
        examples=[request_example("Rename", {"name": "Website"}), SHOWN],
        responses=EDITED,
    ),
    "destroy": extend_schema(
        summary="Delete a project",
        description="With its tasks, files, reports and history.",
        responses={204: None} | rejections(STALE | {409: {"inbox_is_personal": INBOX}}),
    ),
    "archive": extend_schema(
        summary="Archive a project",
        description=(
            "It becomes read-only and no longer appears in the lists by default. Archiving it again changes nothing."
        ),
        request=None,
        examples=[answer_example("An archived project", DETAIL | {"is_archived": True, "version": 2})],
        responses={200: ProjectDetailSerializer} | rejections(STALE | {409: {"inbox_is_personal": INBOX}}),
    ),
    "unarchive": extend_schema(
        summary="Unarchive a project",
        description="It can be changed again. Unarchiving it again changes nothing.",
        request=None,
        examples=[SHOWN],
        responses={200: ProjectDetailSerializer} | rejections(STALE),
    ),
    "transfer": extend_schema(
        summary="Transfer a project",
        description="Another member becomes its owner; the former owner becomes an admin.",
        request=TransferProjectSerializer,
        examples=[
            request_example("To a member", {"user_id": 8}),
            answer_example("As its old owner sees it", DETAIL | {"owner": COLLEAGUE, "role": "admin", "version": 2}),
        ],
        responses={200: ProjectDetailSerializer}
        | rejections(STALE | {409: {"key_taken": KEY_TAKEN, "inbox_is_personal": INBOX}}),
    ),
}

MEMBERS = {
    "list": extend_schema(
        summary="List the members of a project",
        description="In the order in which they joined.",
        examples=[answer_example("A member", MEMBER)],
    ),
    "create": extend_schema(
        operation_id="addProjectMember",
        summary="Add a member",
        description="The person is named by exactly one of `user_id`, `email` and `username`, and is notified.",
        examples=[
            request_example("By e-mail address", {"email": "grace@example.org", "role": "member"}),
            request_example("By id, to read only", {"user_id": 8, "role": "viewer"}),
            answer_example("The member", MEMBER),
        ],
        responses={201: MemberSerializer}
        | rejections(
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
        description="To viewer, member or admin; the member is notified. The same role again changes nothing.",
        examples=[
            request_example("Make somebody an admin", {"role": "admin"}),
            answer_example("The member", MEMBER | {"role": "admin"}),
        ],
        responses={200: MemberSerializer}
        | rejections({409: {"owner_must_stay": OWNER_STAYS, "project_archived": ARCHIVED}}),
    ),
    "destroy": extend_schema(
        operation_id="removeProjectMember",
        summary="Remove a member, or leave",
        description="Any member but the owner may leave. Whoever leaves is unassigned from all tasks of the project.",
        responses={204: None} | rejections({409: {"owner_must_stay": OWNER_STAYS}}),
    ),
}

PROJECT_HISTORY = {
    "list": extend_schema(
        summary="List a project's history",
        description="Newest first: who changed what, with the old and the new value of each field.",
        examples=[answer_example("A change", ACTIVITY)],
    )
}
