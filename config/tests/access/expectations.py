"""Who may do what, written by hand: operation by operation, for each relation of actor and thing.

`scoped("403 403 200 200", …)` gives the answers for viewer, member, admin and owner of the
project; everybody else who is logged in gets 404, and whom the door does not let in gets 401.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.users.tests.factories import PASSWORD
from config.tests.access.rows import NOBODY, Body, Row, by_role, everybody, personal, public, scoped

READ = "200 200 200 200"
PROJECT = {"id": "project"}
BELOW = {"project_id": "project"}
TASK = {"id": "task"}
FILES = {"task_id": "task"}
ELSEWHERE = {"project_id": "project", "source": "source", "external_id": "external"}
# Of what admins alone do: in a project, and in an archived one
ADMINS = "403 403 200 200"
FROZEN = "403 403 409 409"
OTHERS = "403 403 404 404"
HOOK = {"mismatch": OTHERS, **BELOW, "id": "webhook"}
INVITATION = {"project_id": "project", "id": "invitation"}


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
    "getLinks": public(200),
    "register": public(
        201, lambda ids: {"username": "fresh", "email": "fresh@example.org", "password": "a long enough phrase"}
    ),
    # Invitations: for admins; whoever has a secret may look and decline, who has the address may accept
    "listInvitations": scoped("403 403 200 200", "403 403 200 200", **BELOW),
    "createInvitation": scoped("403 403 201 201", "403 403 409 409", lambda ids: {"email": "new@example.org"}, **BELOW),
    "getInvitation": scoped("403 403 200 200", "403 403 200 200", mismatch=OTHERS, **INVITATION),
    "updateInvitation": scoped(
        "403 403 200 200", "403 403 409 409", lambda ids: {"role": "viewer"}, mismatch=OTHERS, **INVITATION
    ),
    "revokeInvitation": scoped("403 403 204 204", "403 403 204 204", mismatch=OTHERS, **INVITATION),
    "resendInvitation": scoped("403 403 200 200", "403 403 200 200", lambda ids: {}, mismatch=OTHERS, **INVITATION),
    "renewInvitationLink": scoped("403 403 200 200", "403 403 200 200", lambda ids: {}, mismatch=OTHERS, **INVITATION),
    "getInvitationOfToken": Row({"absent": everybody(404, 404)}, ids={"token": "secret"}),
    "acceptInvitation": Row({"own": everybody(409), "absent": NOBODY}, lambda ids: {}, ids={"token": "secret"}),
    "declineInvitation": Row(
        {"own": everybody(204, 204), "absent": everybody(404, 404)}, lambda ids: {}, ids={"token": "secret"}
    ),
    "login": public(401, lambda ids: {"username": "the-owner", "password": "wrong"}),
    "obtainTokenPair": public(401, lambda ids: {"username": "the-owner", "password": "wrong"}),
    "refreshTokens": public(401, lambda ids: {"refresh": "wrong"}),
    "refreshTokenPair": public(401, lambda ids: {"refresh": "wrong"}),
    "verifyEmail": public(400, lambda ids: {"token": "wrong"}),
    "requestPasswordReset": public(202, lambda ids: {"email": "stranger@example.org"}),
    "resetPassword": public(400, lambda ids: {"token": "wrong", "new_password": "a long enough phrase"}),
    # One's own account
    "logout": personal(204, lambda ids: {}),
    "getProfile": personal(200),
    "getMe": personal(200),
    "updateProfile": personal(200, lambda ids: NEW_NAME),
    "deleteAccount": Row({"mine": everybody(204) | {"owner": 409}}, lambda ids: {"password": PASSWORD}),
    "changePassword": personal(204, lambda ids: {"old_password": PASSWORD, "new_password": "another long phrase"}),
    "resendVerificationEmail": personal(202, lambda ids: {}),
    "listSessions": personal(200),
    "revokeOtherSessions": personal(204, lambda ids: {}),
    "revokeSession": personal(204, id="session"),
    "listApiTokens": personal(200),
    "createApiToken": personal(
        201, lambda ids: {"name": "New", "scopes": ["full"], "all_projects": True, "password": PASSWORD}
    ),
    "getApiToken": personal(200, id="token"),
    "updateApiToken": personal(200, lambda ids: {"name": "New"}, id="token"),
    "revokeApiToken": personal(204, id="token"),
    "listCalendarFeeds": personal(200),
    "createCalendarFeed": personal(201, lambda ids: {"name": "Dates"}),
    "getCalendarFeed": personal(200, id="feed"),
    "updateCalendarFeed": personal(200, lambda ids: {"name": "New"}, id="feed"),
    "deleteCalendarFeed": personal(204, id="feed"),
    "regenerateCalendarFeed": personal(200, lambda ids: {}, id="feed"),
    "rotateApiToken": personal(200, lambda ids: {"password": PASSWORD}, id="token"),
    "listUsers": Row({"mine": everybody(403) | {"staff": 200}}),
    "getUser": _staff_also(200, 200),
    "updateUser": _staff_also(200, 200, lambda ids: NEW_NAME),
    "replaceUser": _staff_also(200, 200, new_person),
    "overwriteUser": _staff_also(200, 200, new_person),
    "listNotifications": personal(200),
    "countUnreadNotifications": personal(200),
    "getSyncState": personal(200),
    "sync": personal(200, lambda ids: {}),
    "markAllNotificationsRead": personal(200, lambda ids: {}),
    "getNotification": personal(200, id="notification"),
    "markNotificationRead": personal(200, lambda ids: {}, id="notification"),
    "markNotificationUnread": personal(200, lambda ids: {}, id="notification"),
    # Projects
    "listProjects": personal(200),
    "createProject": personal(201, lambda ids: {"name": "New"}),
    "getProject": scoped(READ, READ, **PROJECT),
    "replaceProject": scoped("403 403 200 200", "403 403 409 409", lambda ids: {"name": "N", "key": "NEW"}, **PROJECT),
    "updateProject": scoped("403 403 200 200", "403 403 409 409", lambda ids: {"name": "New"}, **PROJECT),
    "deleteProject": scoped("403 403 403 204", "403 403 403 204", **PROJECT),
    "archiveProject": scoped("403 403 200 200", "403 403 200 200", lambda ids: {}, **PROJECT),
    "unarchiveProject": scoped("403 403 200 200", "403 403 200 200", lambda ids: {}, **PROJECT),
    "transferProject": scoped("403 403 403 200", "403 403 403 200", lambda ids: {"user_id": ids["user"]}, **PROJECT),
    "listProjectActivity": scoped(READ, READ, **BELOW),
    "createStreamTicket": personal(201, lambda ids: {}),
    "listProjectEvents": scoped(READ, READ, **BELOW),
    "listProjectMembers": scoped(READ, READ, **BELOW),
    "addProjectMember": scoped("403 403 201 201", "403 403 409 409", lambda ids: {"username": "newcomer"}, **BELOW),
    "updateProjectMember": scoped(
        "403 403 200 200",
        "403 403 409 409",
        lambda ids: {"role": "viewer"},
        mismatch="403 403 404 404",
        **BELOW,
        user_id="user",
    ),
    "removeProjectMember": scoped(
        "403 403 204 204", "403 403 204 204", mismatch="403 403 404 404", **BELOW, user_id="user"
    ),
    "listProjectReports": scoped(READ, READ, **BELOW),
    "createProjectReport": scoped("403 202 202 202", "403 202 202 202", lambda ids: {}, **BELOW),
    "getProjectReport": scoped(READ, READ, **BELOW, id="report"),
    "downloadProjectReport": scoped(READ, READ, **BELOW, id="report"),
    # Exports: of the owner, who asked for them
    "listExports": personal(200),
    "createExport": Row(
        {
            "own": by_role("403 403 202 202", outside=400),
            "archived": by_role("403 403 202 202", outside=400),
            "foreign": everybody(400),
            "absent": everybody(400),
            "mine": everybody(202),
        },
        lambda ids: {"scope": "project", "project": ids["project"]} if "project" in ids else {"scope": "account"},
    ),
    "getExport": scoped("404 404 404 200", "404 404 404 200", id="export"),
    "deleteExport": scoped("404 404 404 204", "404 404 404 204", id="export"),
    "downloadExport": scoped("404 404 404 200", "404 404 404 200", id="export"),
    # Imports: of the owner, who began them
    "listImports": personal(200),
    "createImport": Row(
        {
            "own": by_role("403 403 201 201", outside=400),
            "archived": by_role("403 403 409 409", outside=400),
            "foreign": everybody(400),
            "absent": everybody(400),
            "mine": everybody(201),
        },
        lambda ids: {"project": ids.get("project", "")},
        form=True,
    ),
    "getImport": scoped("404 404 404 200", "404 404 404 200", id="import"),
    "updateImport": scoped("404 404 404 200", "404 404 404 200", lambda ids: {"notify": True}, id="import"),
    "deleteImport": scoped("404 404 404 204", "404 404 404 204", id="import"),
    "runImport": scoped("404 404 404 202", "404 404 404 409", lambda ids: {"dry_run": True}, id="import"),
    "undoImport": scoped("404 404 404 409", "404 404 404 409", lambda ids: {}, id="import"),
    "listImportResults": scoped("404 404 404 200", "404 404 404 200", import_id="import"),
    # Tasks
    "listTasks": personal(200),
    "getTaskStatistics": personal(200),
    "queryTasks": personal(200, lambda ids: {"filter": "assignee = me or not archived"}),
    "explainTaskFilter": personal(200),
    "exportTasks": personal(200),
    "createTask": Row(
        {
            "own": by_role("403 201 201 201", outside=400),
            "archived": by_role("403 409 409 409", outside=400),
            "foreign": everybody(400),
            "absent": everybody(400),
            "mine": everybody(201),
        },
        lambda ids: {"title": "New"} | ({"project": ids["project"]} if "project" in ids else {}),
    ),
    "quickAddTask": Row(
        {
            "own": by_role("403 201 201 201", outside=400),
            "archived": by_role("403 409 409 409", outside=400),
            "foreign": everybody(400),
            "absent": everybody(400),
            "mine": everybody(201),
        },
        lambda ids: {"text": "New tomorrow"} | ({"project": ids["project"]} if "project" in ids else {}),
    ),
    "getTask": scoped(READ, READ, **TASK),
    "replaceTask": scoped("403 200 200 200", "403 409 409 409", lambda ids: {"title": "New"}, **TASK),
    "updateTask": scoped("403 200 200 200", "403 409 409 409", lambda ids: {"title": "New"}, **TASK),
    "deleteTask": scoped("403 403 204 204", "403 403 409 409", **TASK),
    "listTaskSubtasks": scoped(READ, READ, **FILES),
    "getTaskTree": scoped(READ, READ, **TASK),
    "archiveTask": scoped("403 200 200 200", "403 409 409 409", lambda ids: {}, **TASK),
    "unarchiveTask": scoped("403 200 200 200", "403 409 409 409", lambda ids: {}, **TASK),
    "assignTask": scoped("403 200 200 200", "403 409 409 409", lambda ids: {"assigned_to": None}, **TASK),
    "moveTask": scoped("403 200 200 200", "403 409 409 409", lambda ids: {"position": "first"}, **TASK),
    "setTaskStatus": scoped("403 200 200 200", "403 409 409 409", lambda ids: {"status": "done"}, **TASK),
    "listTaskActivity": scoped(READ, READ, **FILES),
    "listTaskAttachments": scoped(READ, READ, **FILES),
    "uploadTaskAttachment": scoped("403 201 201 201", "403 409 409 409", form=True, **FILES),
    "getTaskAttachment": scoped(READ, READ, **FILES, id="attachment"),
    "downloadTaskAttachment": scoped(READ, READ, **FILES, id="attachment"),
    "deleteTaskAttachment": scoped(
        "403 403 204 204", "403 403 409 409", mismatch="403 404 404 404", **FILES, id="attachment"
    ),
    "listProjectLabels": scoped(READ, READ, **BELOW),
    "createProjectLabel": scoped("403 201 201 201", "403 409 409 409", lambda ids: {"name": "New"}, **BELOW),
    "getProjectLabel": scoped(READ, READ, **BELOW, id="label"),
    "updateProjectLabel": scoped(
        "403 200 200 200",
        "403 409 409 409",
        lambda ids: {"name": "New"},
        mismatch="403 404 404 404",
        **BELOW,
        id="label",
    ),
    "deleteProjectLabel": scoped("403 403 204 204", "403 403 409 409", mismatch="403 403 404 404", **BELOW, id="label"),
    "mergeProjectLabel": scoped(
        "403 403 200 200",
        "403 403 409 409",
        lambda ids: {"into": ids["other_label"]},
        mismatch="403 403 404 404",
        **BELOW,
        id="label",
    ),
    # Webhooks: for admins alone
    "listProjectWebhooks": scoped(ADMINS, ADMINS, **BELOW),
    "createProjectWebhook": scoped(
        "403 403 201 201",
        FROZEN,
        lambda ids: {"url": "https://192.0.43.8/new", "events": ["label.*"]},
        **BELOW,
    ),
    "getProjectWebhook": scoped(ADMINS, ADMINS, **HOOK),
    "updateProjectWebhook": scoped(ADMINS, FROZEN, lambda ids: {"description": "New"}, **HOOK),
    "deleteProjectWebhook": scoped("403 403 204 204", FROZEN, **HOOK),
    "rotateProjectWebhookSecret": scoped(ADMINS, FROZEN, **HOOK),
    "enableProjectWebhook": scoped(ADMINS, FROZEN, **HOOK),
    "disableProjectWebhook": scoped(ADMINS, FROZEN, **HOOK),
    "testProjectWebhook": scoped("403 403 202 202", FROZEN, **HOOK),
    "redeliverProjectWebhook": scoped("403 403 202 202", FROZEN, lambda ids: {"since": "2026-01-01T00:00:00Z"}, **HOOK),
    "listProjectWebhookDeliveries": scoped(ADMINS, ADMINS, mismatch=OTHERS, **BELOW, webhook_id="webhook"),
    "getProjectWebhookDelivery": scoped(ADMINS, ADMINS, mismatch=OTHERS, **BELOW, webhook_id="webhook", id="delivery"),
    "redeliverProjectWebhookDelivery": scoped(
        "403 403 202 202", FROZEN, mismatch=OTHERS, **BELOW, webhook_id="webhook", id="delivery"
    ),
    # Saved views: shared ones of the project's owner
    "listViews": personal(200),
    "createView": personal(201, lambda ids: {"name": "New", "filter": "assignee = me"}),
    "getViewCounts": personal(200),
    "getView": scoped(READ, READ, id="view"),
    "updateView": scoped("403 403 200 200", "403 403 409 409", lambda ids: {"name": "New"}, id="view"),
    "deleteView": scoped("403 403 204 204", "403 403 409 409", id="view"),
    "addViewToFavourites": scoped("204 204 204 204", "204 204 204 204", lambda ids: {}, id="view"),
    "removeViewFromFavourites": scoped("204 204 204 204", "204 204 204 204", id="view"),
    # The trash: entries of the owner's tasks, deleted by the owner
    "listTrash": personal(200),
    "getTrashEntry": scoped("403 403 200 200", "403 403 200 200", id="trashed"),
    "restoreTrashEntry": scoped("403 403 200 200", "403 403 409 409", lambda ids: {}, id="trashed"),
    "purgeTrashEntry": scoped("403 403 204 204", "403 403 409 409", id="trashed"),
    "emptyTrash": Row(
        {
            "own": by_role("403 403 200 200", outside=400),
            "archived": by_role("403 403 409 409", outside=400),
            "foreign": everybody(400),
            "absent": everybody(400),
        },
        lambda ids: {"project": ids["project"]},
    ),
    # Relations: the sibling blocks the task
    "listTaskRelations": scoped(READ, READ, **FILES),
    "createTaskRelation": scoped(
        "403 201 201 201", "403 409 409 409", lambda ids: {"kind": "relates", "task": ids["sibling"]}, **FILES
    ),
    "deleteTaskRelation": scoped(
        "403 204 204 204", "403 409 409 409", mismatch="403 404 404 404", **FILES, id="relation"
    ),
    # Bulk changes decide for each task; of batches only their actor hears: here the owner, who deleted a task
    "changeTasks": Row(
        {
            "own": by_role("422 200 200 200", outside=422),
            "archived": by_role("422 422 422 422", outside=422),
            "foreign": everybody(422),
            "absent": everybody(422),
        },
        lambda ids: {"ids": [ids["task"]], "action": "update", "changes": {"title": "New"}},
    ),
    "createTasks": Row(
        {
            "own": by_role("422 200 200 200", outside=422),
            "archived": by_role("422 422 422 422", outside=422),
            "foreign": everybody(422),
            "absent": everybody(422),
        },
        lambda ids: {"tasks": [{"title": "New", "project": ids["project"]}]},
    ),
    "listBatches": personal(200),
    "getBatch": scoped("403 403 403 200", "403 403 403 200", id="batch"),
    "listBatchResults": scoped("403 403 403 200", "403 403 403 200", batch_id="batch"),
    "undoBatch": scoped("403 403 403 200", "403 403 403 200", lambda ids: {}, id="batch"),
    "listTaskComments": scoped(READ, READ, **FILES),
    "createTaskComment": scoped("403 201 201 201 201", "403 409 409 409 409", lambda ids: {"body": "New"}, **FILES),
    "getTaskComment": scoped(READ, READ, **FILES, id="comment"),
    "updateTaskComment": scoped(
        "403 403 403 403 200",
        "403 403 403 403 409",
        lambda ids: {"body": "New"},
        mismatch="403 404 404 404 404",
        **FILES,
        id="comment",
    ),
    "deleteTaskComment": scoped(
        "403 403 403 204 204", "403 403 403 409 409", mismatch="403 404 404 404 404", **FILES, id="comment"
    ),
    "listTaskCommentVersions": scoped(READ, READ, **FILES, comment_id="comment"),
    "eraseTaskCommentVersion": scoped(
        "403 403 403 204 204",
        "403 403 403 409 409",
        mismatch="403 403 403 404 404",
        **FILES,
        comment_id="comment",
        number="former",
    ),
    "listTaskWatchers": scoped(READ, READ, **FILES),
    # The person has the task, so watches it without having been added by anybody
    "addTaskWatcher": scoped("403 200 200 200", "403 409 409 409", lambda ids: {"user": ids["user"]}, **FILES),
    "removeTaskWatcher": scoped("403 403 403 403", "403 403 403 403", **FILES, user_id="user"),
    "getTaskByExternal": scoped(READ, READ, **ELSEWHERE),
    # With the id of a task of another project: it is free in this one
    "putTaskByExternal": scoped(
        "403 200 200 200", "403 409 409 409", lambda ids: {"title": "New"}, mismatch="403 201 201 201", **ELSEWHERE
    ),
    "getTaskWatch": scoped(READ, READ, **FILES),
    "setTaskWatch": scoped(READ, READ, lambda ids: {"level": "muted"}, **FILES),
    "deleteTaskWatch": scoped("204 204 204 204", "204 204 204 204", **FILES),
    "getProjectWatch": scoped(READ, READ, **BELOW),
    "setProjectWatch": scoped(READ, READ, lambda ids: {"level": "all"}, **BELOW),
}
