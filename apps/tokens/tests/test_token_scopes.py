"""What a token needs for which operation (contract 10, "Scopes")."""

from __future__ import annotations

import pytest
from drf_spectacular.generators import SchemaGenerator

from apps.common.api.token_scopes import SCOPES, needed_scope, needs, not_for_tokens, require_declared_scope
from apps.common.errors import ForbiddenError
from apps.tokens.tests.factories import client_with, make_token, script
from apps.users.tests.factories import PASSWORD

# By operation; what is missing is not for tokens
EXPECTED = {
    "tasks:read": """listTasks getTaskStatistics queryTasks explainTaskFilter getTask listTaskSubtasks getTaskTree
        listTaskActivity listTaskAttachments getTaskAttachment downloadTaskAttachment listProjectLabels getProjectLabel
        listViews getViewCounts getView listTrash getTrashEntry listTaskRelations listBatches getBatch listBatchResults
        listTaskComments getTaskComment listTaskCommentVersions listTaskWatchers getTaskWatch
        getTaskByExternal""",
    "tasks:write": """createTask replaceTask updateTask deleteTask archiveTask unarchiveTask assignTask moveTask
        setTaskStatus createProjectLabel updateProjectLabel restoreTrashEntry createTaskRelation deleteTaskRelation
        changeTasks createTasks undoBatch addTaskWatcher removeTaskWatcher setTaskWatch deleteTaskWatch
        putTaskByExternal""",
    "comments:write": "createTaskComment updateTaskComment deleteTaskComment eraseTaskCommentVersion",
    "files:write": "uploadTaskAttachment deleteTaskAttachment",
    "projects:read": """listProjects getProject listProjectActivity listProjectMembers listProjectReports
        getProjectReport getProjectWatch""",
    "projects:admin": """createProject replaceProject updateProject deleteProject archiveProject unarchiveProject
        addProjectMember updateProjectMember removeProjectMember deleteProjectLabel mergeProjectLabel purgeTrashEntry
        emptyTrash setProjectWatch""",
    "views:write": "createView updateView deleteView addViewToFavourites removeViewFromFavourites",
    "export:read": "createProjectReport downloadProjectReport",
    "notifications:read": "listNotifications countUnreadNotifications getNotification",
    "notifications:write": "markAllNotificationsRead markNotificationRead markNotificationUnread",
    "profile:read": "getProfile getMe",
}
# Never by token, whatever its scopes (contract TK4)
NEVER = """updateProfile deleteAccount changePassword resendVerificationEmail listSessions revokeOtherSessions
    revokeSession listUsers getUser updateUser replaceUser overwriteUser transferProject listApiTokens createApiToken
    getApiToken updateApiToken revokeApiToken rotateApiToken"""


def schema_scopes():
    """Return {operation: scope, or None where no token may ask} as the schema says it; public routes are left out."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    found = {}
    for methods in paths.values():
        for described in methods.values():
            ways = [way for way in described.get("security", [{}]) if way]
            if ways:
                scopes = [scope for way in ways for scope in way.get("apiToken", ())]
                assert len(scopes) <= 1
                found[described["operationId"]] = scopes[0] if scopes else None
    return found


def test_tk4_the_schema_names_the_scope_of_each_operation_and_closes_the_others():
    found = schema_scopes()

    expected = {name: scope for scope, names in EXPECTED.items() for name in names.split()}
    known = expected | dict.fromkeys(NEVER.split())
    assert {name: scope for name, scope in found.items() if name in known} == {
        name: scope for name, scope in known.items() if name in found
    }
    assert expected.keys() <= found.keys()
    assert set(filter(None, found.values())) <= set(SCOPES)


def test_tk4_a_view_that_declares_nothing_is_closed_to_tokens():
    class Silent:
        def get(self):
            """Answer."""

    with pytest.raises(ForbiddenError) as rejected:
        require_declared_scope(Silent(), "GET", SCOPES)
    assert rejected.value.code == "not_for_tokens"


def test_an_unknown_scope_is_an_error_of_the_programmer():
    with pytest.raises(ValueError, match="tasks:all"):
        needs("tasks:all")


def test_what_is_left_out_is_closed():
    class Reading:
        token_scopes = needs("tasks:read")

    assert needed_scope(Reading(), "GET") == needed_scope(Reading(), "OPTIONS") == "tasks:read"
    assert needed_scope(Reading(), "POST") is None
    assert not_for_tokens.all() == set()


@pytest.mark.django_db
def test_tk2_a_missing_scope_is_403_before_the_object_is_looked_up(owner, django_assert_num_queries):
    client = client_with(make_token(owner, scopes=["tasks:read"]).text)
    client.get("/api/tasks/")  # notes the use

    with django_assert_num_queries(1):
        response = client.patch("/api/tasks/999999999/", {"title": "New"})

    assert response.status_code == 403
    body = response.json()
    assert (body["code"], body["required_scopes"]) == ("insufficient_scope", ["tasks:write"])
    assert response["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="tasks:write"'


@pytest.mark.django_db
def test_a_method_that_there_is_not_is_405_for_tokens_too(owner):
    client = script(owner, scopes=["profile:read"])

    assert client.delete("/api/tasks/").status_code == 405
    assert client.put("/api/auth/profile/").status_code == 405
    assert client.options("/api/auth/profile/").status_code == 200


@pytest.mark.django_db
def test_tk1_a_token_never_may_more_than_its_owner(viewer, task, project):
    client = script(viewer)

    assert client.get(f"/api/tasks/{task.pk}/").status_code == 200
    response = client.patch(f"/api/tasks/{task.pk}/", {"title": "New"})
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


@pytest.mark.django_db
def test_no_scope_implies_another_and_a_write_answers_with_the_object(owner, project, task):
    client = script(owner, scopes=["tasks:write", "comments:write"])

    assert client.get(f"/api/tasks/{task.pk}/").json()["required_scopes"] == ["tasks:read"]
    assert client.patch(f"/api/tasks/{task.pk}/", {"title": "New"}).json()["title"] == "New"
    assert client.post(f"/api/tasks/{task.pk}/comments/", {"body": "Done"}).json()["body"] == "Done"


@pytest.mark.django_db
def test_tk4_a_full_token_cannot_touch_what_is_its_owners_alone(owner, project, admin):
    client = script(owner)
    asked = [
        ("get", "/api/auth/sessions/", None),
        ("post", "/api/auth/sessions/revoke-others/", {}),
        ("post", "/api/auth/change-password/", {"old_password": PASSWORD, "new_password": "another long secret"}),
        ("patch", "/api/auth/profile/", {"nickname": "New"}),
        ("delete", "/api/auth/profile/", {"password": PASSWORD}),
        ("post", "/api/auth/verify-email/resend/", {}),
        ("post", f"/api/projects/{project.pk}/transfer/", {"user_id": admin.pk}),
        ("get", "/api/auth/users/", None),
        ("get", f"/api/auth/users/{owner.pk}/", None),
    ]

    for method, url, body in asked:
        response = getattr(client, method)(url, body)
        assert (url, response.status_code, response.json()["code"]) == (url, 403, "not_for_tokens")


@pytest.mark.django_db
def test_restoring_a_project_needs_projects_admin_too_decided_after_the_look_up(owner, api, project, task):
    assert api(owner).delete(f"/api/tasks/{task.pk}/").status_code == 204
    (of_task,) = api(owner).get("/api/trash/").json()["results"]
    writer, both = script(owner, scopes=["tasks:write"]), script(owner, scopes=["tasks:write", "projects:admin"])
    assert writer.post(f"/api/trash/{of_task['id']}/restore/", {}).status_code == 200
    gone = api(owner).delete(f"/api/projects/{project.pk}/")["Location"]

    response = writer.post(f"{gone}restore/", {})
    assert (response.status_code, response.json()["required_scopes"]) == (403, ["projects:admin"])
    assert writer.post("/api/trash/999999999/restore/", {}).status_code == 404
    assert both.post(f"{gone}restore/", {}).status_code == 200
