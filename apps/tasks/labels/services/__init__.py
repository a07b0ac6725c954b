"""The only door through which labels, and the labels of tasks, are written."""

from apps.tasks.labels.services.carrying import Relabelled, import_labels, labels_named, relabel_moved
from apps.tasks.labels.services.merging import Merged, labels_now, merge_label
from apps.tasks.labels.services.tagging import (
    WRITTEN,
    Relabelling,
    WantedLabels,
    carried_by_each,
    find_labels,
    label_new_task,
    label_new_tasks,
    label_tasks,
)
from apps.tasks.labels.services.writing import create_label, delete_label, delete_unused, update_label

__all__ = [
    "WRITTEN",
    "Merged",
    "Relabelled",
    "Relabelling",
    "WantedLabels",
    "carried_by_each",
    "create_label",
    "delete_label",
    "delete_unused",
    "find_labels",
    "import_labels",
    "label_new_task",
    "label_new_tasks",
    "label_tasks",
    "labels_named",
    "labels_now",
    "merge_label",
    "relabel_moved",
    "update_label",
]
