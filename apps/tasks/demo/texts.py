"""Words for demo data: names, projects, tasks."""

from __future__ import annotations

from random import Random

FIRST = ("Ada", "Ben", "Chloé", "Dmitri", "Elif", "Femi", "Grace", "Hiro", "Ines", "Jonas", "Kemal", "Lucía")
LAST = ("Adeyemi", "Berg", "Costa", "Dubois", "Eriksson", "Fischer", "García", "Haddad", "Ito", "Jansen")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Adelaide", "America/St_Johns")
PROJECTS = (
    "Website relaunch",
    "Mobile app",
    "Spring campaign",
    "Data warehouse",
    "Customer support",
    "Office move",
    "Security review",
    "Onboarding",
)
ACTS = (
    "Write",
    "Review",
    "Fix",
    "Plan",
    "Test",
    "Publish",
    "Translate",
    "Measure",
    "Clean up",
    "Document",
    "Estimate",
    "Discuss",
)
THINGS = (
    "the login page",
    "the release notes",
    "the search results",
    "the price list",
    "the weekly report",
    "the mail templates",
    "the import of contacts",
    "the error messages",
    "the invoice layout",
    "the backup plan",
    "the mobile menu",
    "the privacy policy",
    "the sign-up form",
    "the dashboard",
    "the newsletter",
    "the contract draft",
)
ENDS = ("", "", " for the customer", " before the launch", " again", " with the design team", " in the new style")
DETAILS = (
    "",
    "Ask the team what is missing.",
    "See the notes of the last meeting. Two open questions are left.",
    "Done when two people have looked at it and nobody found anything.\n\n- check the wording\n- check the figures",
)
# Name -> description
LABELS = {
    "bug": "Something that worked once, or never did.",
    "design": "Needs a look at how it looks.",
    "backend": "",
    "legal": "The lawyers want to see it before it goes out.",
    "customer": "A customer is waiting for it.",
    "quick win": "Less than half a day.",
    "documentation": "",
}


def task_title(random: Random) -> str:
    """Return a title such as `Fix the login page before the launch`."""
    return f"{random.choice(ACTS)} {random.choice(THINGS)}{random.choice(ENDS)}"


def project_name(number: int) -> str:
    """Return the name of the `number`-th demo project, counted from 0."""
    rounds, place = divmod(number, len(PROJECTS))
    return PROJECTS[place] if not rounds else f"{PROJECTS[place]} {rounds + 1}"


def project_key(number: int) -> str:
    """Return a key for the `number`-th demo project: `DEMOA`, `DEMOB`, …, `DEMOAA`."""
    letters = ""
    number += 1
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return f"DEMO{letters}"
