"""Who may do what, written by hand: operation by operation, for each relation of actor and thing.

`scoped("403 403 200 200", …)` gives the answers for viewer, member, admin and owner of the
project; everybody else who is logged in gets 404, and whom the door does not let in gets 401.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.users.tests.factories import PASSWORD
from config.tests.access.world import ACTORS, OUTSIDE, REFUSED, ROLES

Answers = Mapping[str, int]  # actor -> status
Body = Callable[[Mapping[str, int]], Any]  # ids of the relation -> JSON body


@dataclass(frozen=True)
class Row:
    """What one operation answers: relation -> actor -> status, and the body it is asked with."""

    answers: Mapping[str, Answers]
    body: Body = field(default=lambda ids: None)
    form: bool = False  # multipart with a file
    ids: Mapping[str, str] = field(default_factory=dict)  # path parameter -> kind of thing


def by_role(line: str, outside: int = 404) -> Answers:
    """Read `viewer member admin owner`."""
    roles = dict(zip(ROLES, (int(status) for status in line.split()), strict=True))
    return roles | dict.fromkeys(OUTSIDE, outside) | dict.fromkeys(REFUSED, 401)


def everybody(status: int, refused: int = 401) -> Answers:
    """The same for all who are logged in."""
    return dict.fromkeys(ACTORS, status) | dict.fromkeys(REFUSED, refused)


NOBODY = everybody(404)


def scoped(
    own: str,
    archived: str,
    body: Body = lambda ids: None,
    *,
    form: bool = False,
    mismatch: str = "404 404 404 404",
    **ids: str,
) -> Row:
    """A thing below a project. `mismatch`: the child of another parent under one's own."""
    answers = {"own": by_role(own), "archived": by_role(archived), "foreign": NOBODY, "absent": NOBODY}
    if len(ids) > 1:  # two ids in the path that do not belong together
        answers |= {"mismatch": by_role(mismatch), "swapped": NOBODY}
    return Row(answers, body, form, ids)


def personal(status: int, body: Body = lambda ids: None, **ids: str) -> Row:
    """A thing of the caller's own."""
    answers = {"mine": everybody(status)}
    if ids:
        answers |= {"foreign": NOBODY, "absent": NOBODY}
    return Row(answers, body, ids=ids)


def public(status: int, body: Body = lambda ids: None) -> Row:
    """The same for the whole world, whatever the header says."""
    return Row({"mine": everybody(status, status)}, body)


READ = "200 200 200 200"
PROJECT = {"id": "project"}
BELOW = {"project_pk": "project"}
TASK = {"id": "task"}
FILES = {"task_pk": "task"}


def _staff_also(own: int, staff_foreign: int, body: Body = lambda ids: None) -> Row:
    return Row(
        {
            "mine": everybody(own),
            "foreign": NOBODY | {"staff": staff_foreign},
            "absent": NOBODY,
        },
        body,
        ids={"id": "person"},
    )


NEW_NAME = {"first_name": "New"}


def new_person(ids: Mapping[str, int]) -> dict[str, Any]:
    return NEW_NAME | {"username": f"u{ids['person']}", "email": f"u{ids['person']}@example.org"}


EXPECTED: dict[str, Row] = {
    # Public
    "root_retrieve": public(200),
    "auth_register_create": public(
        201, lambda ids: {"username": "fresh", "email": "fresh@example.org", "password": "a long enough phrase"}
    ),
    "auth_login_create": public(401, lambda ids: {"username": "the-owner", "password": "wrong"}),
    "token_create": public(401, lambda ids: {"username": "the-owner", "password": "wrong"}),
    "auth_refresh_create": public(401, lambda ids: {"refresh": "wrong"}),
    "token_refresh_create": public(401, lambda ids: {"refresh": "wrong"}),
    "auth_verify_email_create": public(400, lambda ids: {"token": "wrong"}),
    "auth_password_reset_create": public(202, lambda ids: {"email": "stranger@example.org"}),
    "auth_password_reset_confirm_create": public(
        400, lambda ids: {"token": "wrong", "new_password": "a long enough phrase"}
    ),
    # One's own account
    "auth_logout_create": personal(204, lambda ids: {}),
    "auth_profile_retrieve": personal(200),
    "auth_users_me_retrieve": personal(200),
    "auth_profile_partial_update": personal(200, lambda ids: NEW_NAME),
    "auth_profile_destroy": Row({"mine": everybody(204) | {"owner": 409}}, lambda ids: {"password": PASSWORD}),
    "auth_change_password_create": personal(
        204, lambda ids: {"old_password": PASSWORD, "new_password": "another long phrase"}
    ),
    "auth_verify_email_resend_create": personal(202, lambda ids: {}),
    "auth_sessions_list": personal(200),
    "auth_sessions_revoke_others_create": personal(204, lambda ids: {}),
    "auth_sessions_destroy": personal(204, id="session"),
    "auth_users_list": Row({"mine": everybody(403) | {"staff": 200}}),
    "auth_users_retrieve": _staff_also(200, 200),
    "auth_users_partial_update": _staff_also(200, 200, lambda ids: NEW_NAME),
    "auth_users_update": _staff_also(200, 200, new_person),
    "auth_users_update_update": _staff_also(200, 200, new_person),
    "notifications_list": personal(200),
    "notifications_unread_count_retrieve": personal(200),
    "notifications_read_all_create": personal(200, lambda ids: {}),
    "notifications_retrieve": personal(200, id="notification"),
    "notifications_read_create": personal(200, lambda ids: {}, id="notification"),
    "notifications_unread_create": personal(200, lambda ids: {}, id="notification"),
    # Projects
    "projects_list": personal(200),
    "projects_create": personal(201, lambda ids: {"name": "New"}),
    "projects_retrieve": scoped(READ, READ, **PROJECT),
    "projects_update": scoped("403 403 200 200", "403 403 409 409", lambda ids: {"name": "N", "key": "NEW"}, **PROJECT),
    "projects_partial_update": scoped("403 403 200 200", "403 403 409 409", lambda ids: {"name": "New"}, **PROJECT),
    "projects_destroy": scoped("403 403 403 204", "403 403 403 204", **PROJECT),
    "projects_archive_create": scoped("403 403 200 200", "403 403 200 200", lambda ids: {}, **PROJECT),
    "projects_unarchive_create": scoped("403 403 200 200", "403 403 200 200", lambda ids: {}, **PROJECT),
    "projects_transfer_create": scoped(
        "403 403 403 200", "403 403 403 200", lambda ids: {"user_id": ids["user"]}, **PROJECT
    ),
    "projects_activity_list": scoped(READ, READ, **BELOW),
    "projects_members_list": scoped(READ, READ, **BELOW),
    "projects_members_create": scoped(
        "403 403 201 201", "403 403 409 409", lambda ids: {"username": "newcomer"}, **BELOW
    ),
    "projects_members_partial_update": scoped(
        "403 403 200 200",
        "403 403 409 409",
        lambda ids: {"role": "viewer"},
        mismatch="403 403 404 404",
        **BELOW,
        user_id="user",
    ),
    "projects_members_destroy": scoped(
        "403 403 204 204", "403 403 204 204", mismatch="403 403 404 404", **BELOW, user_id="user"
    ),
    "projects_reports_list": scoped(READ, READ, **BELOW),
    "projects_reports_create": scoped("403 202 202 202", "403 202 202 202", lambda ids: {}, **BELOW),
    "projects_reports_retrieve": scoped(READ, READ, **BELOW, id="report"),
    "projects_reports_download_retrieve": scoped(READ, READ, **BELOW, id="report"),
    # Tasks
    "tasks_list": personal(200),
    "tasks_statistics_retrieve": personal(200),
    "tasks_create": Row(
        {
            "own": by_role("403 201 201 201", outside=400),
            "archived": by_role("403 409 409 409", outside=400),
            "foreign": everybody(400),
            "absent": everybody(400),
            "mine": everybody(201),
        },
        lambda ids: {"title": "New"} | ({"project": ids["project"]} if "project" in ids else {}),
    ),
    "tasks_retrieve": scoped(READ, READ, **TASK),
    "tasks_update": scoped("403 200 200 200", "403 409 409 409", lambda ids: {"title": "New"}, **TASK),
    "tasks_partial_update": scoped("403 200 200 200", "403 409 409 409", lambda ids: {"title": "New"}, **TASK),
    "tasks_destroy": scoped("403 403 204 204", "403 403 409 409", **TASK),
    "tasks_archive_create": scoped("403 200 200 200", "403 409 409 409", lambda ids: {}, **TASK),
    "tasks_unarchive_create": scoped("403 200 200 200", "403 409 409 409", lambda ids: {}, **TASK),
    "tasks_assign_partial_update": scoped(
        "403 200 200 200", "403 409 409 409", lambda ids: {"assigned_to": None}, **TASK
    ),
    "tasks_status_partial_update": scoped("403 200 200 200", "403 409 409 409", lambda ids: {"status": "done"}, **TASK),
    "tasks_activity_list": scoped(READ, READ, **FILES),
    "tasks_attachments_list": scoped(READ, READ, **FILES),
    "tasks_attachments_create": scoped("403 201 201 201", "403 409 409 409", form=True, **FILES),
    "tasks_attachments_retrieve": scoped(READ, READ, **FILES, id="attachment"),
    "tasks_attachments_download_retrieve": scoped(READ, READ, **FILES, id="attachment"),
    "tasks_attachments_destroy": scoped(
        "403 403 204 204", "403 403 409 409", mismatch="403 404 404 404", **FILES, id="attachment"
    ),
}
