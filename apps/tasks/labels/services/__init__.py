"""The only door through which labels, and the labels of tasks, are written."""

from apps.tasks.labels.services.carrying import Relabelled, relabel_moved
from apps.tasks.labels.services.merging import Merged, merge_label
from apps.tasks.labels.services.tagging import WRITTEN, WantedLabels, find_labels, label_new_task, label_task
from apps.tasks.labels.services.writing import create_label, delete_label, update_label

__all__ = [
    "WRITTEN",
    "Merged",
    "Relabelled",
    "WantedLabels",
    "create_label",
    "delete_label",
    "find_labels",
    "label_new_task",
    "label_task",
    "merge_label",
    "relabel_moved",
    "update_label",
]
