"""Pages that are reached by walking: a cursor is known only from the page before it."""

from __future__ import annotations

import json
import urllib.request

from scripts.bench.operations import Draw, Shot
from scripts.bench.site import Site
from scripts.local import direct

FAR = "page 90 of 100, page 1 of 2,000, page 1,000 of 2,000"  # the operations


def far_pages(site: Site, url: str, draw: Draw, tokens: dict[int, str]) -> dict[str, list[Shot]]:
    """Return the requests of far pages by operation, found by walking on the server at `url`."""
    some = range(1, min(3, site.size.projects) + 1)
    far = {"page 90 of 100": [_walk(url, draw.members[n][0], n, 89, tokens) for n in some]}
    if site.size.large:
        large = site.size.all_projects
        row = site.connection.execute(
            "SELECT user_id FROM projects_membership WHERE project_id = %s ORDER BY user_id LIMIT 1", [large]
        ).fetchone()
        user = int(row[0]) if row else 0
        far |= {f"page {page:,} of 2,000": [_walk(url, user, large, page - 1, tokens)] for page in (1, 1_000)}
    return far


def _walk(url: str, user: int, project: int, pages: int, tokens: dict[int, str]) -> Shot:
    page = f"{url}/api/tasks/?project={project}&page_size=50"
    for _ in range(pages):
        request = urllib.request.Request(page, headers={"Authorization": f"Bearer {tokens[user]}"})
        with direct.open_url(request, timeout=30) as response:
            page = json.load(response)["next"]
    return Shot(user, "GET", page[page.index("/api/") :])
