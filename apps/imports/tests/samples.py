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

_COMMENT = {"type": "commentCard", "memberCreator": {"id": "m2", "username": "ann42", "fullName": "Ann Smith"}}
TRELLO = json.dumps(
    {
        "id": "5f0000000000000000000001",
        "name": "Garden",
        "desc": "All about the garden",
        "lists": [
            {"id": "l3", "name": "Backlog", "closed": True, "pos": 3},
            {"id": "l1", "name": "Doing", "closed": False, "pos": 1},
            {"id": "l2", "name": "Done", "closed": False, "pos": 2},
        ],
        "labels": [
            {"id": "g1", "name": "urgent", "color": "red_dark"},
            {"id": "g2", "name": "", "color": "sky"},
            {"id": "g3", "name": "plain", "color": None},
        ],
        "members": [
            {"id": "m1", "username": "projectadmin", "fullName": "The Admin"},
            {"id": "m2", "username": "ann42", "fullName": "Ann Smith"},
        ],
        "customFields": [
            {"id": "f1", "name": "Size", "type": "list", "options": [{"id": "o1", "value": {"text": "Small"}}]},
            {"id": "f2", "name": "Costs", "type": "number"},
        ],
        "cards": [
            {"id": "5f0000000000000000000012", "name": "Rake", "idList": "l2", "pos": 1, "due": None},
            {
                "id": "5f0000000000000000000011",
                "name": "Plant trees",
                "desc": "Apple\n- and pear",
                "idList": "l1",
                "pos": 2,
                "closed": False,
                "due": "2026-12-01T12:00:00.000Z",
                "dueComplete": False,
                "start": "2026-11-01T00:00:00.000Z",
                "idMembers": ["m2", "m1"],
                "idLabels": ["g1", "g2", "g3"],
                "labels": [{"id": "g1", "name": "urgent", "color": "red_dark"}],
                "shortUrl": "https://trello.example/c/abc",
                "attachments": [{"id": "a1", "name": "plan.pdf", "url": "https://trello.example/plan.pdf"}],
                "customFieldItems": [
                    {"idCustomField": "f1", "idValue": "o1", "value": None},
                    {"idCustomField": "f2", "value": {"number": "12.5"}},
                ],
                "badges": {"comments": 3},
            },
            {"id": "5f0000000000000000000013", "name": "Weed", "idList": "l1", "pos": 1, "dueComplete": True},
            {"id": "5f0000000000000000000014", "name": "Fountain", "idList": "l3", "pos": 1},
            {"id": "5f0000000000000000000015", "name": "Shed", "idList": "l1", "pos": 3, "closed": True},
        ],
        "checklists": [
            {
                "id": "c1",
                "name": "To buy",
                "idCard": "5f0000000000000000000011",
                "checkItems": [
                    {"id": "i2", "name": "Stakes", "state": "incomplete", "pos": 2, "idMember": "m1"},
                    {"id": "i1", "name": "Trees", "state": "complete", "pos": 1},
                ],
            },
            {
                "id": "c2",
                "name": "Steps",
                "idCard": "5f0000000000000000000015",
                "checkItems": [{"id": "i3", "name": "Ask"}],
            },
        ],
        "actions": [
            {
                **_COMMENT,
                "date": "2026-05-04T10:00:00.000Z",
                "data": {"text": "Second", "card": {"id": "5f0000000000000000000011"}},
            },
            {
                **_COMMENT,
                "date": "2026-05-03T10:00:00.000Z",
                "data": {"text": "First", "card": {"id": "5f0000000000000000000011"}},
            },
            {
                "type": "createCard",
                "idMemberCreator": "m1",
                "date": "2026-05-01T10:00:00.000Z",
                "data": {"card": {"id": "5f0000000000000000000011"}},
            },
            {"type": "updateCard", "date": "2026-05-01T10:00:00.000Z", "data": {}},
        ],
    }
)

JIRA = (
    "Summary,Issue key,Issue id,Issue Type,Status,Project key,Priority,Resolution,Assignee,Assignee Id,Reporter,"
    "Reporter Id,Created,Resolved,Due date,Description,Original estimate,Labels,Labels,Labels,Labels,Sprint,Sprint,"
    "Attachment,Attachment,Outward issue link (Blocks),Outward issue link (Blocks),Inward issue link (Relates),"
    "Outward issue link (Cloners),Inward issue link (Duplicate),Parent,Custom field (Story Points),Custom field (Team),"
    "Comment,Comment,Comment,Comment,Comment,Comment,Status Category\n"
    "Pay by card,SHOP-1,10001,Story,Waiting for bank,SHOP,Highest,,Ann Lee,70121:aa,projectadmin,70121:bb,"
    '12/May/26 3:04 PM,,14/May/26 12:00 AM,"First line\nsecond; line",14400,web,money,web,q4,Sprint 1,Sprint 2,'
    "12/May/26 3:05 PM;70121:bb;a.png;https://x.example/1,12/May/26 3:06 PM;70121:bb;b.png;https://x.example/2,"
    "SHOP-2,SHOP-3,SHOP-9,SHOP-3,,,5,Red,"
    '"12/May/26 3:04 PM;70121:aa;Which bank; and why?\nReally; I ask.",13/May/26 9:00 AM;70121:bb;Ours,'
    "13/May/26 9:01 AM;;Nobody said; this,No date; and no author; here,,14/May/26 10:00 PM;carl;,In Progress\n"
    "Print a receipt,SHOP-2,10002,Sub-task,Closed,SHOP,Trivial,Won't Do,,,projectadmin,70121:bb,12/May/26 3:04 PM,"
    "20/May/26 5:00 PM,,,90,,,,,,,,,,,,,,10001,,,,,,,,,Done\n"
    "Refunds,SHOP-3,10003,Story,In Review,SHOP,Blocker,,projectadmin,70121:bb,,,12/May/26 3:04 PM,,,,,,,,,,,,,"
    "SHOP-1,,,,SHOP-2,,,,6/Jun/26 1:00 AM;70121:aa;Six,,,,,,In Progress\n"
)
