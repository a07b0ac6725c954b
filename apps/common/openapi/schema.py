"""OpenAPI: what every operation has in common, said once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiRequest, OpenApiResponse
from rest_framework import serializers

from apps.common.api.codes import FIELD_CHOICES, PROBLEM_CHOICES
from apps.common.api.problems import CONTENT_TYPE as PROBLEM_TYPE
from apps.common.api.problems import problem
from apps.common.api.throttling import scope_of
from apps.common.openapi import fields, filters  # noqa: F401 - they register themselves
from apps.common.openapi.names import component_name, operation_id

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
# What an answer of each status usually says; its words do not depend on Python's version.
USUAL_CODES = {
    400: "validation_error",
    401: "token_not_valid",
    403: "permission_denied",
    404: "not_found",
    406: "not_acceptable",
    409: "conflict",
    412: "precondition_failed",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "idempotency_key_reused",
    429: "rate_limited",
    503: "unavailable",
}
SUMMARIES = {
    "list": "List {many}",
    "retrieve": "Get a {one}",
    "create": "Create a {one}",
    "update": "Replace a {one}",
    "partial_update": "Update a {one}",
    "destroy": "Delete a {one}",
}
REJECTION_HEADERS = {
    401: ["WWW-Authenticate"],
    403: ["WWW-Authenticate"],
    409: ["Retry-After"],
    412: ["ETag"],
    429: ["Retry-After"],
    503: ["Retry-After"],
}
SUCCESSES = {
    200: "OK.",
    201: "Created.",
    202: "Accepted; it is carried out in the background.",
    204: "Done. The answer has no body.",
    304: "Unchanged since If-None-Match.",
}
REQUEST_HEADERS = {
    "If-Match": "The ETag of the version to change, or several. If the version is another by now, the answer is 412.",
    "If-None-Match": "The ETag of what the client has; if it is unchanged, the answer is 304.",
    "Idempotency-Key": (
        "Up to 255 printable characters. The same request with the same key within 24 hours is carried out once."
    ),
}
HEADERS = {
    "X-Request-ID": "The id of the request, as it was sent or else made.",
    "ETag": "The version of the answer, for `If-Match` and `If-None-Match`.",
    "Retry-After": "How many seconds to wait before trying again.",
    "WWW-Authenticate": "How to authenticate: `Bearer`.",
    "Idempotency-Replayed": "`true` if this is the answer of an earlier request with the same key.",
}


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """A field or parameter that is not valid."""

    pointer = serializers.CharField(help_text="A JSON Pointer (RFC 6901) to the field; `/name` for a parameter.")
    code = serializers.ChoiceField(choices=FIELD_CHOICES)
    detail = serializers.CharField()
    position = serializers.IntegerField(
        required=False, help_text="Where in a filter, in characters from 0; only for its text."
    )
    length = serializers.IntegerField(required=False, help_text="How many characters of a filter; only for its text.")
    expected = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="What could stand there; only for a filter."
    )


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457)."""

    type = serializers.CharField(help_text="A URI reference that identifies the code.")
    title = serializers.CharField(help_text="The phrase of the HTTP status.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="For people: what is wrong.")
    code = serializers.ChoiceField(choices=PROBLEM_CHOICES, help_text="For programs; it does not change.")
    instance = serializers.CharField(help_text="The path of the request.")
    request_id = serializers.CharField(help_text="The id of the request; every line of the server's log has it.")
    errors = ProblemErrorSerializer(many=True, required=False)  # type: ignore[assignment]


class ApiSchema(AutoSchema):
    """Names operations and components, and adds the error answers and headers that follow from what a view is.

    What only one operation rejects stands with it: `responses={204: None} | rejections({409: ...})`.
    """

    def get_operation_id(self) -> str:
        """Return the id of a view set's action; other views name theirs with `extend_schema`."""
        action = getattr(self.view, "action", None)
        if action is None:
            return str(super().get_operation_id())
        return operation_id(self.path, self.method, action, of_one=self._is_of_one())

    def _is_of_one(self) -> bool:
        """Return whether the operation is about one row; view sets that no router has made do not say."""
        return getattr(self.view, "detail", False) is True or self.path.endswith("}/")

    def get_paginated_name(self, serializer_name: str) -> str:
        """Return the name of a page of a list."""
        return f"{serializer_name}Page"

    def _get_serializer_name(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> str:
        name = str(super()._get_serializer_name(serializer, direction, bypass_extensions))
        is_sent = direction == "request"
        return component_name(name, sent=is_sent, partial=bool(serializer.partial), is_row=_is_row(serializer))

    def _get_request_for_media_type(self, serializer: Any, direction: Any = "request") -> Any:
        """Return the schema of a body; only rows may be sent in part, other bodies of a PATCH are whole."""
        if self.method != "PATCH" or isinstance(serializer, dict) or _is_row(serializer):
            return super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]
        with self._as_post():
            return super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]

    def _postprocess_serializer_schema(self, schema: Any, serializer: Any, direction: Any) -> Any:
        """Say that a row shows all its fields; what is read or written only has no field of the other kind."""
        schema = super()._postprocess_serializer_schema(schema, serializer, direction)  # type: ignore[no-untyped-call]
        properties = schema.get("properties", {})
        if direction == "response" and _is_row(serializer):
            optional = getattr(serializer.Meta, "optional", ())  # shown only when they are asked for
            schema["required"] = sorted(name for name in properties if name not in optional)
        if direction == "request" and serializer.partial and _is_row(serializer):
            schema["description"] = (
                f"{schema.get('description', '')} Only the fields that are sent are changed.".strip()
            )
        for field in properties.values():
            field.pop("readOnly", None)
            field.pop("writeOnly", None)
        return schema

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        return _as_int64(schema) if schema else schema

    @contextmanager
    def _as_post(self) -> Iterator[None]:
        """Let drf-spectacular treat the body as that of a POST: required, and of any method."""
        method, self.method = self.method, "POST"
        try:
            yield
        finally:
            self.method = method

    def get_description(self) -> str:  # type: ignore[override]
        """Return nothing for operations that `extend_schema` does not describe: docstrings are for programmers."""
        return ""

    def _map_response_type_hint(self, method: Any) -> Any:
        schema = super()._map_response_type_hint(method)  # type: ignore[no-untyped-call]
        return {key: value for key, value in schema.items() if key != "description"}

    def get_summary(self) -> str | None:
        """Return a line for views that name none: what the action does to what."""
        action = getattr(self.view, "action", None)
        if not action:
            return None
        names = [part for part in self.path.split("/") if part and "{" not in part]
        several = names[-2] if action not in SUMMARIES and getattr(self.view, "detail", False) else names[-1]
        words: str = SUMMARIES.get(action, action.replace("_", " ").capitalize() + " a {one}")
        return words.format(one=several.removesuffix("s"), many=several)

    def usual_rejections(self) -> set[int]:
        """Return the statuses that follow from what the operation is: its path, body, limits and permissions."""
        statuses = {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.SERVICE_UNAVAILABLE}
        if any(self.get_auth()):  # a public route's is [{}]; the others say no to API tokens, or may, and limit them
            statuses |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
        if "{" in self.path:
            statuses |= {HTTPStatus.NOT_FOUND}
        if self.method in {"POST", "PUT", "PATCH"}:
            statuses |= {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
        if self.method in UNSAFE and any(self.get_auth()):
            statuses |= {HTTPStatus.CONFLICT}
        if scope_of(self.view):
            statuses |= {HTTPStatus.TOO_MANY_REQUESTS}
        if self.takes_if_match():
            statuses |= {HTTPStatus.PRECONDITION_FAILED}
        if self.takes_idempotency_key():
            statuses |= {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
        return {int(status) for status in statuses}

    def is_versioned(self) -> bool:
        """Return whether the operation is about one row with a version."""
        # The class's own: an action may have another serializer for its body.
        serializer = getattr(type(self.view), "serializer_class", None)
        model = getattr(getattr(serializer, "Meta", None), "model", None)
        return getattr(self.view, "detail", False) is True and hasattr(model, "version")

    def is_tagged(self) -> bool:
        """Return whether answers have an ETag: of a row with a version, or because the view says `has_etag`."""
        return self.is_versioned() or getattr(self.view, "has_etag", False)

    def takes_if_match(self) -> bool:
        """Return whether If-Match is honoured here."""
        return self.method in UNSAFE and self.is_versioned()

    def takes_idempotency_key(self) -> bool:
        """Return whether Idempotency-Key is honoured here."""
        return getattr(getattr(self.view, str(getattr(self.view, "action", "")), None), "is_idempotent", False)

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = super().get_override_parameters()
        if self.takes_if_match():
            parameters.append(_header("If-Match"))
        if self.method == "GET" and self.is_tagged():
            parameters.append(_header("If-None-Match"))
        if self.takes_idempotency_key():
            parameters.append(_header("Idempotency-Key"))
        return parameters

    def _get_request_body(self, direction: Any = "request") -> Any:
        """Return the body; a DELETE has one only where the operation names an OpenApiRequest."""
        if self.method != "DELETE" or not isinstance(self.get_request_serializer(), OpenApiRequest):
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        with self._as_post():
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        self.resolve_serializer(ProblemSerializer, "response")  # the shared answers refer to it
        if self.method == "GET" and self.is_tagged():
            bodies["304"] = {"description": ""}
        for status, body in bodies.items():
            body["headers"] = header_refs(*self._headers_of(status))
            if "content" not in body or not body["description"]:
                body["description"] = SUCCESSES.get(int(status), body["description"])
        for rejected in self.usual_rejections():
            bodies.setdefault(str(rejected), {"$ref": f"#/components/responses/{rejection_name(rejected)}"})
        return dict(sorted(bodies.items()))

    def _headers_of(self, status: str) -> list[str]:
        names = list(REJECTION_HEADERS.get(int(status), []))
        if status in {"200", "201", "304"} and (self.is_tagged() or self._shows_version(status)):
            names.append("ETag")
        if status in {"200", "201", "202"} and self.takes_idempotency_key():
            names.append("Idempotency-Replayed")
        return names

    def _shows_version(self, status: str) -> bool:
        """Return whether a creation answers a versioned row."""
        serializer: Any = self.get_response_serializers()
        if isinstance(serializer, dict):
            serializer = serializer.get(int(status))
        model = getattr(getattr(serializer, "Meta", None), "model", None)
        return status == "201" and hasattr(model, "version")


def _is_row(serializer: Any) -> bool:
    """Return whether a serializer describes a row, and not merely a body."""
    kind = serializer if isinstance(serializer, type) else type(serializer)
    return issubclass(kind, serializers.ModelSerializer)


def _as_int64(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema, with the width of an integer that has no upper bound."""
    kinds = schema.get("type")
    if "integer" in (kinds if isinstance(kinds, list) else [kinds]) and not {"format", "maximum"} & schema.keys():
        return schema | {"format": "int64"}
    return schema


def rejections(codes: Mapping[int, Mapping[str, str]]) -> dict[tuple[int, str], OpenApiResponse]:
    """Return entries for `extend_schema(responses=...)`: {status: {code: when}} as error answers with examples."""
    answers = {}
    for status, meanings in codes.items():
        answers[status, PROBLEM_TYPE] = OpenApiResponse(
            ProblemSerializer,
            description=" ".join(f"`{code}`: {when}" for code, when in meanings.items()),
            examples=[_example(status, code, when) for code, when in meanings.items()],
        )
    return answers


def _example(status: int, code: str, when: str) -> OpenApiExample:
    body = problem(status, code, when, instance="/api/")
    return OpenApiExample(code, value=body | {"request_id": "5f0c1d"}, response_only=True, status_codes=[str(status)])


def _header(name: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=REQUEST_HEADERS[name])


def header_refs(*names: str) -> dict[str, Any]:
    """Return references to described headers, and to the one that every answer has."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-ID", *names)}


def rejection_name(status: int) -> str:
    """Return the name of the shared answer with this status."""
    return "".join(word.capitalize() for word in USUAL_CODES[status].split("_"))
