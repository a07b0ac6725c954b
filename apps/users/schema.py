"""What the OpenAPI schema says of this app's operations: summaries, examples, refusals."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import OpenApiExample, OpenApiRequest, extend_schema, extend_schema_view

from apps.common.openapi.fields import shared
from apps.common.openapi.schema import refusals
from apps.users import serializers

TOKENS = {
    "access": "eyJhbGciOiJIUzI1NiIsImtpZCI6IjEifQ.eyJzaWQiOjMxfQ.2Zk0Yx1kQ7f",
    "refresh": "eyJhbGciOiJIUzI1NiIsImtpZCI6IjEifQ.eyJnZW4iOjF9.9Qd1mB4tLr8",
}
PROFILE: dict[str, Any] = {
    "id": 7,
    "username": "ben",
    "email": "ben@example.org",
    "pending_email": "",
    "nickname": "Ben",
    "first_name": "Benjamin",
    "last_name": "Braun",
    "avatar": "https://tasks.example.org/media/avatars/0Yx1kQ7f.webp",
    "timezone": "Europe/Berlin",
    "is_verified": True,
    "notification_preferences": {"task_assigned": {"email": True, "in_app": True}},
    "reminder_lead_minutes": 1440,
    "created_at": "2026-11-20T08:00:00Z",
    "updated_at": "2026-11-20T08:00:00Z",
}
USER = PROFILE | {"is_active": True, "is_staff": False}
SESSION = {
    "id": 31,
    "device": "Mozilla/5.0 (X11; Linux x86_64)",
    "ip_address": "203.0.113.7",
    "created_at": "2026-11-20T08:00:00Z",
    "last_seen_at": "2026-11-20T09:12:00Z",
    "is_current": True,
}
CHANNELS = {
    "type": "object",
    "description": "Where notifications of a kind go.",
    "required": ["email", "in_app"],
    "properties": {"email": {"type": "boolean"}, "in_app": {"type": "boolean"}},
}
CHANNELS_PATCH = {
    "type": "object",
    "description": "Where notifications of a kind are to go; null restores the default.",
    "properties": {"email": {"type": ["boolean", "null"]}, "in_app": {"type": ["boolean", "null"]}},
}
PREFERENCES = {"type": "object", "description": "For each kind of notification, where it goes."}
PREFERENCES_PATCH = {"type": "object", "description": "The kinds to change; null restores a kind's defaults."}
TAKEN = {"validation_error": "A name or address is taken (`unique`), a password is weak, or a field is not valid."}
BAD_TOKEN = {"validation_error": "The link is forged, expired or used (`invalid_token` at `/token`)."}
LOCKED = {"too_many_failures": "Five failures for this account from this address; wait Retry-After seconds."}


class PreferencesSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Every kind's channels; in a body the kinds and channels that are to change, null for their default."""

    target_class = "apps.users.fields.PreferencesField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        if direction == "response":
            channels = shared(auto_schema, "ChannelPreferences", CHANNELS)
            return shared(auto_schema, "NotificationPreferences", PREFERENCES | {"additionalProperties": channels})
        channels = shared(auto_schema, "ChannelPreferencesPatch", CHANNELS_PATCH)
        patched = {"oneOf": [channels, {"type": "null"}]}
        return shared(
            auto_schema, "NotificationPreferencesPatch", PREFERENCES_PATCH | {"additionalProperties": patched}
        )


def _sent(value: Any) -> OpenApiExample:
    return OpenApiExample("Request", value=value, request_only=True)


def _given(value: Any, *, status: int = 200) -> OpenApiExample:
    return OpenApiExample("Answer", value=value, response_only=True, status_codes=[str(status)])


register = extend_schema(
    operation_id="register",
    summary="Register",
    description=(
        "Opens an account and sends a mail to verify its address. Username and address are unique ignoring case. "
        "`password_confirm` is compared when it is given."
    ),
    tags=["account"],
    request=serializers.RegisterSerializer,
    responses={201: serializers.ProfileSerializer} | refusals({400: TAKEN}),
    examples=[
        _sent({"username": "ben", "email": "ben@example.org", "password": "a long secret of mine", "nickname": "Ben"}),
        _given(PROFILE | {"is_verified": False}, status=201),
    ],
)
login = extend_schema(
    operation_id="login",
    summary="Log in",
    description=(
        "Opens a session and gives its first pair of tokens. Either field takes the username or the address. "
        "After five failures for an account from one address in 15 minutes even the right password waits."
    ),
    tags=["authentication"],
    request=serializers.LoginSerializer,
    responses={200: serializers.LoginResultSerializer}
    | refusals({401: {"invalid_credentials": "Unknown, wrong and inactive are one and the same answer."}, 429: LOCKED}),
    examples=[_sent({"username": "ben", "password": "a long secret of mine"}), _given(TOKENS | {"user": PROFILE})],
)
refresh = extend_schema(
    operation_id="refreshTokens",
    summary="Refresh the tokens",
    description=(
        "Exchanges a refresh token for the next pair, once. The token just exchanged gets the same pair again for "
        "10 seconds (two tabs, a lost answer); any older or later use ends the session."
    ),
    tags=["authentication"],
    request=serializers.RefreshTokensSerializer,
    responses={200: serializers.TokenPairSerializer}
    | refusals(
        {
            401: {
                "token_not_valid": "The token is forged, expired or no refresh token.",
                "session_revoked": "The session has ended, maybe just now because the token was used before.",
            }
        }
    ),
    examples=[_sent({"refresh": TOKENS["refresh"]}), _given(TOKENS)],
)
logout = extend_schema(
    operation_id="logout",
    summary="Log out",
    description=(
        "Ends the session of the `refresh` token in the body, else of the access token in the header; "
        "its tokens are worth nothing from the next request on."
    ),
    tags=["authentication"],
    auth=[{"bearerAuth": []}, {}],  # type: ignore[list-item]
    request=OpenApiRequest(serializers.LogoutSerializer, examples=[_sent({"refresh": TOKENS["refresh"]})]),
    responses={204: None}
    | refusals({401: {"token_not_valid": "No valid token, neither in the body nor in the header."}}),
)
change_password = extend_schema(
    operation_id="changePassword",
    summary="Change the password",
    description="Sets a new password; every other session ends at once, and a mail says so.",
    tags=["account"],
    request=serializers.ChangePasswordSerializer,
    responses={204: None}
    | refusals(
        {400: {"validation_error": "The old password is wrong (`wrong_password`) or the new one weak."}, 429: LOCKED}
    ),
    examples=[_sent({"old_password": "a long secret of mine", "new_password": "another long secret"})],
)
verify_email = extend_schema(
    operation_id="verifyEmail",
    summary="Verify an address",
    description="Takes the token of a verification mail, valid once and for 3 days. A new address replaces the old.",
    tags=["account"],
    request=serializers.VerifyEmailSerializer,
    responses={204: None}
    | refusals({400: BAD_TOKEN, 409: {"email_taken": "Somebody else verified the address meanwhile."}}),
    examples=[_sent({"token": "WzcsIjZkM2Y…"})],
)
resend_verification = extend_schema(
    operation_id="resendVerificationEmail",
    summary="Send the verification mail again",
    description="To the address that waits to be verified; nothing is sent when none waits.",
    tags=["account"],
    request=None,
    responses={202: None},
)
request_reset = extend_schema(
    operation_id="requestPasswordReset",
    summary="Ask for a password reset",
    description="Sends a link, valid once and for one hour, if there is such an account. The answer does not tell.",
    tags=["account"],
    request=serializers.PasswordResetSerializer,
    responses={202: None},
    examples=[_sent({"email": "ben@example.org"})],
)
reset_password = extend_schema(
    operation_id="resetPassword",
    summary="Reset the password",
    description="Takes the token of a reset mail and sets a new password; all sessions end.",
    tags=["account"],
    request=serializers.ResetPasswordSerializer,
    responses={204: None} | refusals({400: BAD_TOKEN}),
    examples=[_sent({"token": "WzcsIjZkM2Y…", "new_password": "another long secret"})],
)
_change = extend_schema(
    operation_id="updateProfile",
    summary="Change the own profile",
    description=(
        "Touches only the fields sent. A new address is verified before it replaces the old one; "
        "`notification_preferences` is merged. An avatar is sent as multipart (PNG, JPEG or WebP, up to 2 MB) "
        "and removed by null."
    ),
    tags=["account"],
    request={
        "application/json": serializers.ProfileSerializer,
        "multipart/form-data": serializers.ProfileUploadSerializer,
    },
    responses={200: serializers.ProfileSerializer} | refusals({400: TAKEN}),
    examples=[
        _sent({"nickname": "Benny", "notification_preferences": {"task_updated": {"email": False}}}),
        _given(PROFILE | {"nickname": "Benny"}),
    ],
)
profile = extend_schema_view(
    get=extend_schema(
        operation_id="getProfile",
        summary="Show the own profile",
        description="The caller's own data and what they want to be told.",
        tags=["account"],
        responses=serializers.ProfileSerializer,
        examples=[_given(PROFILE)],
    ),
    patch=_change,
    delete=extend_schema(
        operation_id="deleteAccount",
        summary="Delete the own account",
        description=(
            "Asks for the password. Ends the account at once: everything personal is removed, unshared projects go, "
            "tasks in others' projects stay."
        ),
        tags=["account"],
        request=OpenApiRequest(
            serializers.DeleteAccountSerializer, examples=[_sent({"password": "a long secret of mine"})]
        ),
        responses={204: None}
        | refusals(
            {
                400: {"validation_error": "The password is wrong (`wrong_password`)."},
                409: {"owns_projects": "The account owns projects that others are members of."},
                429: LOCKED,
            }
        ),
    ),
)
_update_user = extend_schema(
    summary="Change a person",
    description="Oneself, or anybody for staff, who may also set `is_active`: false ends the person's sessions.",
    tags=["users"],
    request={
        "application/json": serializers.UserSerializer,
        "multipart/form-data": serializers.UserUploadSerializer,
    },
    responses={200: serializers.UserSerializer} | refusals({400: TAKEN}),
    examples=[
        _sent({"username": "ben", "email": "ben@example.org", "nickname": "Benny"}),
        _given(USER | {"nickname": "Benny"}),
    ],
)
_replace_user = extend_schema(
    summary="Replace a person",
    description="As PATCH, but every field that can be written and is required must be there. A picture goes by PATCH.",
    tags=["users"],
    # One type of body: client generators stumble over two where a body is required.
    request={"application/json": serializers.UserSerializer},
    responses={200: serializers.UserSerializer} | refusals({400: TAKEN}),
    examples=[
        _sent({"username": "ben", "email": "ben@example.org", "nickname": "Benny"}),
        _given(USER | {"nickname": "Benny"}),
    ],
)
users = extend_schema_view(
    list=extend_schema(
        summary="List people",
        description="For staff. `search` looks into names and addresses.",
        tags=["users"],
        examples=[_given(USER)],
    ),
    retrieve=extend_schema(
        summary="Show a person",
        description="Oneself, or anybody for staff; everybody else is a 404.",
        tags=["users"],
        examples=[_given(USER)],
    ),
    update=_replace_user,
    partial_update=_update_user,
)
sessions = extend_schema_view(
    list=extend_schema(
        summary="List the own sessions",
        description="Live logins: device, address, when they began and were last seen.",
        tags=["authentication"],
        examples=[_given(SESSION)],
    ),
    destroy=extend_schema(
        operation_id="revokeSession",
        summary="End a session",
        description="Its tokens are worth nothing from the next request on.",
        tags=["authentication"],
        responses={204: None},
    ),
)
revoke_others = extend_schema(
    operation_id="revokeOtherSessions",
    summary="End all other sessions",
    description="Every session but the one that asks.",
    tags=["authentication"],
    request=None,
    responses={204: None},
)

# The same at other addresses
obtain_token_pair = extend_schema_view(post=extend_schema(operation_id="obtainTokenPair"))
refresh_token_pair = extend_schema_view(post=extend_schema(operation_id="refreshTokenPair"))
me = extend_schema_view(get=extend_schema(operation_id="getMe"))
overwrite_user = extend_schema_view(update=extend_schema(operation_id="overwriteUser"))
