"""Headers of tables, and what they are taken for: the words of English and German tools, and of our own CSV."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

# In lower case without signs
KNOWN: Mapping[str, str] = {
    name: target
    for target, names in {
        "title": "title name summary task subject taskname content titel zusammenfassung aufgabe betreff bezeichnung",
        "description": "description body notes details desc beschreibung notiz notizen",
        "status": "status state stage list column section liste spalte",
        "priority": "priority importance priorität prio wichtigkeit dringlichkeit",
        "assignee": "assignee assignedto owner responsible assignees zuständig zugewiesen zugewiesenan"
        " zugewieseneperson bearbeiter bearbeiterin verantwortlich",
        "creator": "creator createdby author reporter ersteller erstellerin erstelltvon autor autorin",
        "labels": "labels label tags tag components stichwörter stichwort schlagwörter schlagworte etiketten",
        "due": "due duedate dueon deadline date fällig fälligam fälligkeit fälligkeitsdatum frist termin datum",
        "created_at": "created createdat creationdate createdon erstellt erstelltam",
        "completed_at": "completed completedat resolved closed closedat completedon erledigt erledigtam abgeschlossen"
        " abgeschlossenam",
        "parent": "parent parentid parenttask parentkey übergeordnet übergeordneteaufgabe übergeordneteid"
        " übergeordneterschlüssel",
        "duration": "duration durationminutes estimate dauer aufwand",
        "external_id": "id key issuekey taskid externalid uid schlüssel vorgangsschlüssel",
        "comment": "comment comments kommentar kommentare",
    }.items()
    for name in names.split()
}
DAY, END_OF_DAY = "dueon", "duedate"  # of one task, in our own CSV


def plain(header: str) -> str:
    """Return a header in lower case without signs and blanks."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFC", header).lower())


def target_of(header: str) -> str:
    """Return what a column with this header is taken for: `metadata` where nobody knows it."""
    return KNOWN.get(plain(header), "metadata")
