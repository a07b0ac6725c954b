"""App configuration."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "apps.events"
    label = "events"

    def ready(self) -> None:
        from apps.events import monitoring
        from apps.events.relay.services import has_sink, still_to_publish
        from apps.projects.services import Reader, register_reader

        register_reader(Reader(job="events.relay", needed=still_to_publish, is_on=has_sink))
        monitoring.connect()
