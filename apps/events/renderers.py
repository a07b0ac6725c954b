"""Media types of events."""

from __future__ import annotations

from rest_framework.renderers import JSONRenderer


class CloudEventsBatchRenderer(JSONRenderer):
    """A JSON array of CloudEvents (CloudEvents JSON format 1.0, section 4)."""

    media_type = "application/cloudevents-batch+json"
    format = "cloudevents"


class EventStreamRenderer(JSONRenderer):
    """Lets clients of the stream ask for its media type; what this process answers is a rejection, in JSON."""

    media_type = "text/event-stream"
    format = "stream"
