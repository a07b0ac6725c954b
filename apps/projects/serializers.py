"""The JSON shapes of projects, members and history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import BooleanField, Expression, ExpressionWrapper, OuterRef, Q
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.common.api.serializers import ChangesField, InstantField, NameField, StrictMixin, StrictSerializer, TextField
from apps.common.origin import ORIGIN_CHOICES
from apps.common.sql.json import JsonArray, json_of
from apps.projects.detail_fields import detail_fields
from apps.projects.events import TYPE_CHOICES
from apps.projects.models import KEY_PATTERN, Activity, Membership, Project
from apps.projects.roles import GRANTABLE_CHOICES, Role
from apps.projects.verbs import VERB_CHOICES
from apps.users.fields import AddressField
from apps.users.serializers import PersonSerializer

ID_MAX = 2**63 - 1
PROJECT_FIELDS = (
    "id",
    "key",
    "name",
    "description",
    "owner",
    "role",
    "is_inbox",
    "is_archived",
    "on_parent_done",
    "new_tasks",
    "blocked_done",
    "members_count",
    "tasks_count",
    "open_tasks_count",
    "version",
    "created_at",
    "updated_at",
)
EDITABLE_FIELDS = ("key", "name", "description", "on_parent_done", "new_tasks", "blocked_done")


class UserIdField(serializers.IntegerField):
    """A person's id."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=ID_MAX, **options)


class MemberListSerializer(serializers.ListSerializer[Membership]):
    """The members of a project, longest there first."""

    def json_sql(self, path: str) -> Expression:
        """Return them in SQL, see `apps.common.sql.json`: in the statement that reads the project's own columns."""
        members = Membership.objects.filter(project=OuterRef(f"{path}pk")).order_by("joined_at", "pk")
        return JsonArray(members.values_list(json_of(MemberSerializer())))


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A member of a project."""

    user = PersonSerializer(read_only=True)
    joined_at = InstantField(read_only=True)

    class Meta:
        model = Membership
        fields = ("user", "role", "joined_at")
        read_only_fields = fields
        list_serializer_class = MemberListSerializer


@extend_schema_field(serializers.ChoiceField(choices=Role.choices, help_text="Not `owner`: that takes a transfer."))
class GrantableRoleField(serializers.ChoiceField):
    """A role that can be given: viewer, member or admin."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=GRANTABLE_CHOICES, **options)


WAYS_TO_NAME = ("user_id", "email", "username")


@extend_schema_serializer(component_name="Member")
class NewMemberSerializer(StrictMixin, MemberSerializer):
    """The person who becomes a member, named by exactly one of `user_id`, `email` and `username`."""

    user_id = UserIdField(write_only=True, required=False)
    email = AddressField(write_only=True, required=False)
    username = TextField(write_only=True, required=False, max_length=150)
    role = GrantableRoleField(default=Role.MEMBER.value)

    class Meta(MemberSerializer.Meta):
        fields = ("user", "role", "joined_at", "user_id", "email", "username")  # type: ignore[assignment]
        read_only_fields = ()  # type: ignore[assignment]

    def faults(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        if sum(name in data for name in WAYS_TO_NAME) == 1:
            return {}
        text = "Name the person by exactly one of user_id, email and username."
        return {"non_field_errors": ErrorDetail(text, code="exactly_one")}

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return {role, user_id or name}."""
        ((way, value),) = [(name, fields.pop(name)) for name in WAYS_TO_NAME if name in fields]
        return fields | {"user_id" if way == "user_id" else "name": value}


@extend_schema_serializer(component_name="Member")
class RoleSerializer(StrictMixin, MemberSerializer):
    """The new role of a member."""

    role = GrantableRoleField()

    class Meta(MemberSerializer.Meta):
        read_only_fields = ()  # type: ignore[assignment]


class IsArchivedField(serializers.BooleanField):
    """Whether `archived_at` is set."""

    def json_sql(self, path: str) -> Expression:
        """Return the same in SQL, see `apps.common.sql.json`."""
        return ExpressionWrapper(Q(**{f"{path}archived_at__isnull": False}), output_field=BooleanField())


class ProjectSerializer(StrictMixin, serializers.ModelSerializer[Project]):
    """A project, as one of its members sees it."""

    key = serializers.RegexField(
        KEY_PATTERN,
        required=False,
        help_text="2 to 10 capital letters, the first part of its tasks' keys. Made from the name, unless it is sent.",
    )
    name = NameField(max_length=200)
    description = TextField(max_length=10_000, required=False, allow_blank=True, trim_whitespace=False)
    owner = PersonSerializer(read_only=True)
    role = serializers.ChoiceField(choices=Role.choices, read_only=True, help_text="The caller's role.")
    is_archived = IsArchivedField(read_only=True)
    created_at = InstantField(read_only=True)
    updated_at = InstantField(read_only=True)

    class Meta:
        model = Project
        fields = PROJECT_FIELDS
        read_only_fields = tuple(name for name in PROJECT_FIELDS if name not in EDITABLE_FIELDS)
        extra_kwargs = {
            "on_parent_done": {
                "help_text": "What setting a task to `done` does with open sub-tasks; `leave`, unless it is sent."
            },
            "new_tasks": {"help_text": "The end of the manual order that new tasks go to; `last`, unless it is sent."},
            "blocked_done": {"help_text": "Whether a task that an open one blocks can be set to `done`."},
        }


class ProjectDetailSerializer(ProjectSerializer):
    """A project with its members, in the order in which they joined."""

    members = MemberSerializer(source="memberships", many=True, read_only=True)

    class Meta(ProjectSerializer.Meta):
        fields = (*PROJECT_FIELDS, "members")  # type: ignore[assignment]
        read_only_fields = (*ProjectSerializer.Meta.read_only_fields, "members")

    def get_fields(self) -> dict[str, Any]:
        """Return the fields with those of higher apps."""
        return super().get_fields() | detail_fields()


class TransferProjectSerializer(StrictSerializer):
    """The new owner of a project."""

    user_id = UserIdField(help_text="An active member of the project.")


class UsedTokenSerializer(serializers.Serializer[Any]):
    """An API token, as histories name it."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    """An entry of the history of a project or a task."""

    actor = PersonSerializer(read_only=True, allow_null=True, help_text="Who did it; null for the system.")
    task = serializers.IntegerField(source="task_id", read_only=True, allow_null=True)
    verb = serializers.ChoiceField(choices=VERB_CHOICES, read_only=True)
    changes = ChangesField(read_only=True, help_text="The old and the new value of each field that changed.")
    created_at = InstantField(read_only=True)
    seq = serializers.IntegerField(read_only=True, help_text="1, 2, 3 … in the project, without gaps.")
    type = serializers.ChoiceField(choices=TYPE_CHOICES, read_only=True)
    origin = serializers.ChoiceField(choices=ORIGIN_CHOICES, read_only=True, help_text="How the change came in.")
    token = serializers.SerializerMethodField(help_text="The API token by which the change came in.")
    batch_id = serializers.UUIDField(read_only=True, allow_null=True, help_text="Shared by the events of one act.")

    class Meta:
        model = Activity
        fields = (
            "id",
            "actor",
            "verb",
            "task",
            "task_key",
            "changes",
            "created_at",
            "seq",
            "type",
            "origin",
            "token",
            "batch_id",
        )
        read_only_fields = fields

    @extend_schema_field(UsedTokenSerializer(allow_null=True))
    def get_token(self, event: Activity) -> dict[str, Any] | None:
        """Return the token's id and name; null for other doors, and once the token is gone."""
        name = self.context.get("token_names", {}).get(event.token_id)
        return None if name is None else {"id": event.token_id, "name": name}
