"""Log in, create a project and a task with a due date, upload a file, read a list page by page, meet a 412.

openapi-python-client generate --path docs/openapi.yml --meta none --output-path taskhouse_client
python tour.py https://tasks.example.org ann 'her password'
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from taskhouse_client import AuthenticatedClient, Client
from taskhouse_client.api.attachments import upload_task_attachment
from taskhouse_client.api.authentication import login
from taskhouse_client.api.projects import create_project
from taskhouse_client.api.tasks import create_task, list_tasks, update_task
from taskhouse_client.models import (
    Attachment,
    AttachmentUploadRequest,
    Login,
    LoginRequest,
    Problem,
    ProblemCode,
    ProjectDetail,
    ProjectInput,
    Task,
    TaskDetail,
    TaskInput,
    TaskPage,
    TaskPatch,
    TaskPriority,
    TaskStatus,
)
from taskhouse_client.types import UNSET, File, Response, Unset

T = TypeVar("T")


class ApiError(Exception):
    """The API answered an error; `problem` says which."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.code}: {problem.detail}")
        self.problem = problem


def answer(response: Response[Any], kind: type[T]) -> T:
    """Return the parsed answer, which is a `kind`; raise ApiError for a problem."""
    if isinstance(response.parsed, kind):
        return response.parsed
    if isinstance(response.parsed, Problem):
        raise ApiError(response.parsed)
    raise TypeError(f"{response.status_code}: {response.content[:200]!r}")


def cursor_in(link: str) -> str:
    """Return the cursor of a list's `next` or `previous`."""
    return parse_qs(urlsplit(link).query)["cursor"][0]


def all_tasks(client: AuthenticatedClient, project: int) -> Iterator[Task]:
    """Yield the open tasks of a project, two on a page, soonest due first."""
    cursor: str | Unset = UNSET
    while True:
        page = answer(
            list_tasks.sync_detailed(
                client=client,
                project=[project],
                status=[TaskStatus.TODO, TaskStatus.IN_PROGRESS],
                ordering="due_date",
                page_size=2,
                cursor=cursor,
            ),
            TaskPage,
        )
        yield from page.results
        if page.next_ is None:
            return
        cursor = cursor_in(page.next_)


def main(url: str, username: str, password: str) -> None:
    """Walk through the API; print what comes of it."""
    request = LoginRequest(username=username, password=password)
    session = answer(login.sync_detailed(client=Client(url), body=request), Login)
    client = AuthenticatedClient(url, token=session.access)
    print(f"logged in as {session.user.username}")

    project = answer(create_project.sync_detailed(client=client, body=ProjectInput(name="Lighthouse")), ProjectDetail)
    due = datetime.now(UTC) + timedelta(days=1)
    for number in range(1, 4):
        task = TaskInput(
            title=f"Clean lamp {number}",
            project=project.id,
            due_date=due + number * timedelta(hours=1),
            priority=TaskPriority.HIGH,
            assigned_to=session.user.id,
        )
        # With a key, a request that is sent again after a lost answer is carried out once.
        created = create_task.sync_detailed(client=client, body=task, idempotency_key=str(uuid4()))
    lamp, tag = answer(created, TaskDetail), created.headers["ETag"]
    assignee = lamp.assigned_to.username if lamp.assigned_to else "nobody"
    print(f"{lamp.key} is due at {lamp.due_date}, assigned to {assignee}")

    plan = AttachmentUploadRequest(file=File(io.BytesIO(b"One lamp a day.\n"), "plan.txt", "text/plain"))
    file = answer(upload_task_attachment.sync_detailed(lamp.id, client=client, body=plan), Attachment)
    print(f"{file.name}: {file.size} bytes of {file.content_type}")

    print("by due date:", ", ".join(task.key for task in all_tasks(client, project.id)))

    renamed = answer(
        update_task.sync_detailed(lamp.id, client=client, body=TaskPatch(title="Clean the big lamp"), if_match=tag),
        TaskDetail,
    )
    print(f"version {renamed.version} of {renamed.key}: {renamed.title}")
    try:
        stale = TaskPatch(status=TaskStatus.DONE)
        answer(update_task.sync_detailed(lamp.id, client=client, body=stale, if_match=tag), TaskDetail)
    except ApiError as error:
        if error.problem.code is not ProblemCode.PRECONDITION_FAILED:
            raise
        print(f"{error.problem.status}: {error.problem.detail}")


if __name__ == "__main__":
    main(*sys.argv[1:])
