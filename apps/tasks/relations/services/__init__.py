"""The only door through which relations are written, and what a block means for a task's status."""

from apps.tasks.relations.services.blocking import Blocking, Blocks, notify_unblocked
from apps.tasks.relations.services.ending import record_ending, record_ending_of_project
from apps.tasks.relations.services.importing import REASONS, ImportedRelation, import_relations
from apps.tasks.relations.services.removing import delete_relation
from apps.tasks.relations.services.writing import create_relation

__all__ = [
    "REASONS",
    "Blocking",
    "Blocks",
    "ImportedRelation",
    "create_relation",
    "delete_relation",
    "import_relations",
    "notify_unblocked",
    "record_ending",
    "record_ending_of_project",
]
