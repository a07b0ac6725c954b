"""App configuration."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "apps.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        from apps.projects.erasure import registry
        from apps.projects.services import Reader, register_reader
        from apps.tasks.comments.announcements import comment_text_erased
        from apps.tasks.erasing import tasks_erasing
        from apps.tasks.labels.announcements import label_replacing
        from apps.webhooks import (
            messages,  # noqa: F401 - the kind registers itself
            monitoring,
        )
        from apps.webhooks.models import Delivery, Webhook, WebhookMatch
        from apps.webhooks.purging import blank_comment, blank_tasks, still_to_read
        from apps.webhooks.rewriting import rewrite_label

        registry.delete_with(Webhook, project=["project_id"])
        registry.delete_with(Delivery, project=["project_id"])
        registry.delete_with(WebhookMatch, task=["task_id"], through="webhook")
        register_reader(Reader(job="webhooks.fan_out", needed=still_to_read))
        label_replacing.listen(rewrite_label)
        comment_text_erased.listen(blank_comment)
        tasks_erasing.listen(blank_tasks)
        monitoring.connect()
