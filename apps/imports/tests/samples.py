"""A realistic file of each source, made for these tests."""

from __future__ import annotations

import json

TODOIST = (
    "\ufeffTYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,DURATION,DURATION_UNIT,"
    "meta,DEADLINE,DEADLINE_LANG\r\n"
    "meta,,,,,,,,,,,,view_style=list,,\r\n"
    "note,For the whole project,,,,projectadmin (77),,,,,,,,,\r\n"
    "task,Order paint @shop @blue-ish,Two tins,4,1,projectadmin (77),projectadmin (77),2026-12-01 10:00,en,"
    "America/New_York,30,minute,,,\r\n"
    'note,"Ask for the\nmatt one; not gloss, please",,,,Ann (12),,2026-05-03T09:30:00Z,,,,,,,\r\n'
    "task,Compare prices,,,2,Ann (12),Ann (12),every day,en,Europe/Berlin,,,,,\r\n"
    "task,Call bob@example.com,,2,3,,,,,,2,day,,,\r\n"
    "task,Buy brushes,,3,2,,,12. Mai 2027,de,,,,,,\r\n"
    ",,,,,,,,,,,,,,\r\n"
    "section,Later,,,,,,,,,,,,,\r\n"
    "task,Paint the fence,,1,2,,,tomorrow,en,,,,,2027-06-01,en\r\n"
    "task,Paint the fence,,1,1,,,,,,,,,,\r\n"
    "filter,Something new,,,,,,,,,,,,,\r\n"
)

_ISSUE = {
    "url": "https://api.github.com/repos/acme/site/issues/12",
    "html_url": "https://github.com/acme/site/issues/12",
    "repository_url": "https://api.github.com/repos/acme/site",
    "id": 190012,
    "node_id": "I_12",
    "number": 12,
    "title": "Pages load slowly",
    "user": {"login": "projectadmin", "id": 5},
    "labels": [{"id": 1, "name": "bug", "color": "d73a4a", "default": True}, {"id": 2, "name": "speed", "color": ""}],
    "state": "open",
    "locked": False,
    "assignee": {"login": "octo"},
    "assignees": [{"login": "octo"}, {"login": "projectadmin"}, {"login": "ann"}],
    "milestone": {"title": "v2", "number": 3, "due_on": "2026-12-24T08:00:00Z"},
    "comments": [
        {"user": {"login": "ann"}, "body": "Since when?", "created_at": "2026-05-03T09:30:00Z"},
        {"user": None, "body": "Since \ud83d\ude00 May; always", "created_at": "2026-05-04T09:30:00Z"},
    ],
    "created_at": "2026-05-01T08:00:00Z",
    "closed_at": None,
    "body": "Steps:\r\n\r\n1. open",
    "reactions": {"total_count": 3},
    "state_reason": None,
    "type": {"id": 1, "name": "Bug", "color": "red"},
}
_CLOSED = {
    **_ISSUE,
    "html_url": "https://github.com/acme/site/issues/13",
    "number": 13,
    "title": "Use tabs",
    "state": "closed",
    "state_reason": "not_planned",
    "closed_at": "2026-06-01T08:00:00Z",
    "labels": [],
    "assignees": [],
    "assignee": None,
    "milestone": None,
    "comments": 2,
    "body": None,
    "user": None,
    "parent_issue_url": "https://api.github.com/repos/acme/site/issues/12",
}
_PULL_REQUEST = {**_CLOSED, "number": 14, "pull_request": {"url": "https://api.github.com/repos/acme/site/pulls/14"}}
GITHUB = json.dumps([_ISSUE, _CLOSED, _PULL_REQUEST])
GITHUB_CLI = json.dumps(
    [
        {
            "assignees": [{"id": "U_1", "login": "octo"}, {"login": "projectadmin"}, {"login": "ann"}],
            "author": {"id": "U_5", "is_bot": False, "login": "projectadmin", "name": "P"},
            "body": "Steps:\r\n\r\n1. open",
            "closedAt": None,
            "comments": [
                {"author": {"login": "ann"}, "body": "Since when?", "createdAt": "2026-05-03T09:30:00Z"},
                {
                    "author": {"login": ""},
                    "body": "Since \ud83d\ude00 May; always",
                    "createdAt": "2026-05-04T09:30:00Z",
                },
            ],
            "createdAt": "2026-05-01T08:00:00Z",
            "labels": [
                {"id": "L_1", "name": "bug", "description": "", "color": "d73a4a"},
                {"id": "L_2", "name": "speed", "description": "", "color": ""},
            ],
            "milestone": {"number": 3, "title": "v2", "description": "", "dueOn": "2026-12-24T08:00:00Z"},
            "number": 12,
            "state": "OPEN",
            "stateReason": "",
            "title": "Pages load slowly",
        },
        {
            "assignees": [],
            "author": {"login": ""},
            "body": "",
            "closedAt": "2026-06-01T08:00:00Z",
            "comments": [],
            "createdAt": "2026-05-01T08:00:00Z",
            "labels": [],
            "milestone": None,
            "number": 13,
            "parent": {"number": 12, "title": "Pages load slowly", "url": "https://github.com/acme/site/issues/12"},
            "state": "CLOSED",
            "stateReason": "NOT_PLANNED",
            "title": "Use tabs",
        },
    ]
)
