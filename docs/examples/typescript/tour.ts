// Log in, create a project and a task with a due date, upload a file, read a list page by page, meet a 412.
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./taskhouse";

type Problem = components["schemas"]["Problem"];
type Task = components["schemas"]["Task"];

/** The API answered an error; `problem` says which. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
  }
}

/** Return the body of an answer; throw ApiError for a problem. */
function body<T>(answer: { data?: T; error?: Problem }): T {
  if (answer.error !== undefined) throw new ApiError(answer.error);
  if (answer.data === undefined) throw new Error("The answer has no body.");
  return answer.data;
}

/** Return the cursor of a list's `next` or `previous`. */
function cursorIn(link: string): string {
  return new URL(link).searchParams.get("cursor") ?? "";
}

/** Yield the open tasks of a project, two on a page, soonest due first. */
async function* allTasks(api: Client<paths>, project: number): AsyncGenerator<Task> {
  let cursor: string | null = null;
  do {
    const query: paths["/api/tasks/"]["get"]["parameters"]["query"] = {
      project: [project],
      status: ["todo", "in_progress"],
      ordering: "due_date",
      page_size: 2,
      ...(cursor === null ? {} : { cursor }),
    };
    const page: components["schemas"]["TaskPage"] = body(await api.GET("/api/tasks/", { params: { query } }));
    yield* page.results;
    cursor = page.next === null ? null : cursorIn(page.next);
  } while (cursor !== null);
}

/** Walk through the API; `say` is given what comes of it. */
export async function tour(baseUrl: string, username: string, password: string, say: (line: string) => void) {
  const session = body(await createClient<paths>({ baseUrl }).POST("/api/auth/login/", { body: { username, password } }));
  const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${session.access}` } });
  say(`logged in as ${session.user.username}`);

  const project = body(await api.POST("/api/projects/", { body: { name: "Lighthouse" } }));
  const due = Date.now() + 24 * 3_600_000;
  const create = (number: number) =>
    api.POST("/api/tasks/", {
      body: {
        title: `Clean lamp ${number}`,
        project: project.id,
        due_date: new Date(due + number * 3_600_000).toISOString(),
        priority: "high",
        assigned_to: session.user.id,
      },
      // With a key, a request that is sent again after a lost answer is carried out once.
      params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    });
  await create(1);
  await create(2);
  const created = await create(3);
  const lamp = body(created);
  const tag = created.response.headers.get("ETag") ?? "";
  say(`${lamp.key} is due at ${lamp.due_date}, assigned to ${lamp.assigned_to?.username ?? "nobody"}`);

  const file = body(
    await api.POST("/api/tasks/{task_id}/attachments/", {
      params: { path: { task_id: lamp.id } },
      body: { file: new Blob(["One lamp a day.\n"], { type: "text/plain" }) },
      bodySerializer: ({ file }) => {
        const form = new FormData();
        form.append("file", file, "plan.txt");
        return form;
      },
    }),
  );
  say(`${file.name}: ${file.size} bytes of ${file.content_type}`);

  const keys: string[] = [];
  for await (const task of allTasks(api, project.id)) keys.push(task.key);
  say(`by due date: ${keys.join(", ")}`);

  const path = { id: lamp.id };
  const header = { "If-Match": tag };
  const renamed = body(
    await api.PATCH("/api/tasks/{id}/", { params: { path, header }, body: { title: "Clean the big lamp" } }),
  );
  say(`version ${renamed.version} of ${renamed.key}: ${renamed.title}`);
  const stale = await api.PATCH("/api/tasks/{id}/", { params: { path, header }, body: { status: "done" } });
  if (stale.error?.code !== "precondition_failed") throw new Error("The version should have been another by now.");
  say(`${stale.error.status}: ${stale.error.detail}`);
}
