"""What the OpenAPI schema says of this app's operations: summaries, examples, rejections."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import OpenApiRequest, extend_schema, extend_schema_view

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.fields import shared
from apps.common.openapi.schema import rejections
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
    "avatar": "https://tasks.example.com/media/avatars/0Yx1kQ7f.webp",
    "timezone": "Europe/Berlin",
    "is_verified": True,
    "notification_preferences": {"task_assigned": {"email": True, "in_app": True}},
    "reminder_lead_minutes": 1440,
    "single_keys": True,
    "theme": "system",
    "language": "de",
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


register = extend_schema(
    operation_id="register",
    summary="Register",
    description=(
        "Opens an account and sends a mail to verify its e-mail address. Username and e-mail address are unique, "
        "ignoring case. `password_confirm` is compared with `password` if it is sent. With the `invitation` of a link "
        "the account joins its project; the address must be the invited one, and the mail's link verifies it at once."
    ),
    tags=["account"],
    request=serializers.RegisterSerializer,
    responses={201: serializers.ProfileSerializer}
    | rejections(
        {
            400: TAKEN,
            403: {"registration_closed": "Nobody registers here, or only with a valid invitation."},
            409: {"project_archived": "The project of the invitation is archived."},
            410: {"invitation_over": "The invitation was used, revoked or declined, or it has expired."},
        }
    ),
    examples=[
        request_example(
            "Request",
            {"username": "ben", "email": "ben@example.org", "password": "a long secret of mine", "nickname": "Ben"},
        ),
        answer_example("Answer", PROFILE | {"is_verified": False}, statuses=(201,)),
    ],
)
login = extend_schema(
    operation_id="login",
    summary="Log in",
    description=(
        "Opens a session and answers its first pair of tokens. Send `password` with either `username` or `email`; both "
        "fields take the username or the e-mail address. After five failures for an account from one address within 15 "
        "minutes, even the right password gives 429."
    ),
    tags=["authentication"],
    request=serializers.LoginSerializer,
    responses={200: serializers.LoginResultSerializer}
    | rejections(
        {401: {"invalid_credentials": "Unknown, wrong and inactive are one and the same answer."}, 429: LOCKED}
    ),
    examples=[
        request_example("Request", {"username": "ben", "password": "a long secret of mine"}),
        answer_example("Answer", TOKENS | {"user": PROFILE}),
    ],
)
refresh = extend_schema(
    operation_id="refreshTokens",
    summary="Refresh the tokens",
    description=(
        "Exchanges a refresh token for the next pair; a token can be exchanged once. For 10 seconds the same token "
        "gives the same pair again, for a client whose answer was lost or that has two tabs. Any later use ends the "
        "session."
    ),
    tags=["authentication"],
    request=serializers.RefreshTokensSerializer,
    responses={200: serializers.TokenPairSerializer}
    | rejections(
        {
            401: {
                "token_not_valid": "The token is forged, expired or no refresh token.",
                "session_revoked": "The session has ended, maybe just now because the token was used before.",
            }
        }
    ),
    examples=[request_example("Request", {"refresh": TOKENS["refresh"]}), answer_example("Answer", TOKENS)],
)
logout = extend_schema(
    operation_id="logout",
    summary="Log out",
    description=(
        "Ends the session of the `refresh` token in the body, or else that of the access token in the header. Its "
        "tokens are not valid any more."
    ),
    tags=["authentication"],
    auth=[{"bearerAuth": []}, {}],  # type: ignore[list-item]
    request=OpenApiRequest(
        serializers.LogoutSerializer, examples=[request_example("Request", {"refresh": TOKENS["refresh"]})]
    ),
    responses={204: None}
    | rejections({401: {"token_not_valid": "No valid token, neither in the body nor in the header."}}),
)
change_password = extend_schema(
    operation_id="changePassword",
    summary="Change the password",
    description="Every other session of the account ends, and a mail confirms the change.",
    tags=["account"],
    request=serializers.ChangePasswordSerializer,
    responses={204: None}
    | rejections(
        {400: {"validation_error": "The old password is wrong (`wrong_password`) or the new one weak."}, 429: LOCKED}
    ),
    examples=[
        request_example("Request", {"old_password": "a long secret of mine", "new_password": "another long secret"})
    ],
)
verify_email = extend_schema(
    operation_id="verifyEmail",
    summary="Verify an e-mail address",
    description=(
        "Takes the token of a verification mail, which is valid once, for 3 days. A new address replaces the old one."
    ),
    tags=["account"],
    request=serializers.VerifyEmailSerializer,
    responses={204: None}
    | rejections({400: BAD_TOKEN, 409: {"email_taken": "Somebody else verified the address meanwhile."}}),
    examples=[request_example("Request", {"token": "WzcsIjZkM2Y…"})],
)
resend_verification = extend_schema(
    operation_id="resendVerificationEmail",
    summary="Send the verification mail again",
    description="To the e-mail address that is not verified yet; nothing is sent if there is none.",
    tags=["account"],
    request=None,
    responses={202: None},
)
request_reset = extend_schema(
    operation_id="requestPasswordReset",
    summary="Request a password reset",
    description=(
        "Sends a link that is valid once, for one hour, if there is an account with this e-mail address. The answer is "
        "the same if there is none."
    ),
    tags=["account"],
    request=serializers.PasswordResetSerializer,
    responses={202: None},
    examples=[request_example("Request", {"email": "ben@example.org"})],
)
reset_password = extend_schema(
    operation_id="resetPassword",
    summary="Reset the password",
    description="Takes the token of a reset mail and sets a new password. All sessions of the account end.",
    tags=["account"],
    request=serializers.ResetPasswordSerializer,
    responses={204: None} | rejections({400: BAD_TOKEN}),
    examples=[request_example("Request", {"token": "WzcsIjZkM2Y…", "new_password": "another long secret"})],
)
_change = extend_schema(
    operation_id="updateProfile",
    summary="Update the caller's profile",
    description=(
        "Changes the fields that are sent. A new e-mail address is verified before it replaces the old one. "
        "`notification_preferences` is merged with the present ones. An avatar is uploaded as a form (PNG, JPEG or "
        "WebP, up to 2 MB) and removed by null."
    ),
    tags=["account"],
    request={
        "application/json": serializers.ProfileSerializer,
        "multipart/form-data": serializers.ProfileUploadSerializer,
    },
    responses={200: serializers.ProfileSerializer} | rejections({400: TAKEN}),
    examples=[
        request_example(
            "Request", {"nickname": "Benny", "notification_preferences": {"task_updated": {"email": False}}}
        ),
        answer_example("Answer", PROFILE | {"nickname": "Benny"}),
    ],
)
profile = extend_schema_view(
    get=extend_schema(
        operation_id="getProfile",
        summary="Get the caller's profile",
        description="The caller's own data and preferences.",
        tags=["account"],
        responses=serializers.ProfileSerializer,
        examples=[answer_example("Answer", PROFILE)],
    ),
    patch=_change,
    delete=extend_schema(
        operation_id="deleteAccount",
        summary="Delete the caller's account",
        description=(
            "Needs the password. Personal data and projects without other members are deleted; tasks in the projects "
            "of others stay."
        ),
        tags=["account"],
        request=OpenApiRequest(
            serializers.DeleteAccountSerializer,
            examples=[request_example("Request", {"password": "a long secret of mine"})],
        ),
        responses={204: None}
        | rejections(
            {
                400: {"validation_error": "The password is wrong (`wrong_password`)."},
                409: {"owns_projects": "The account owns projects that others are members of."},
                429: LOCKED,
            }
        ),
    ),
)
_update_user = extend_schema(
    summary="Update a user",
    description="The caller, or anybody for staff, who may also set `is_active`: false ends the user's sessions.",
    tags=["users"],
    request={
        "application/json": serializers.UserSerializer,
        "multipart/form-data": serializers.UserUploadSerializer,
    },
    responses={200: serializers.UserSerializer} | rejections({400: TAKEN}),
    examples=[
        request_example("Request", {"username": "ben", "email": "ben@example.org", "nickname": "Benny"}),
        answer_example("Answer", USER | {"nickname": "Benny"}),
    ],
)
_replace_user = extend_schema(
    summary="Replace a user",
    description="As *Update a user*, but all required fields must be sent. An avatar can be uploaded there only.",
    tags=["users"],
    # One type of body: client generators stumble over two where a body is required.
    request={"application/json": serializers.UserSerializer},
    responses={200: serializers.UserSerializer} | rejections({400: TAKEN}),
    examples=[
        request_example("Request", {"username": "ben", "email": "ben@example.org", "nickname": "Benny"}),
        answer_example("Answer", USER | {"nickname": "Benny"}),
    ],
)
users = extend_schema_view(
    list=extend_schema(
        summary="List users",
        description="For staff only.",
        tags=["users"],
        examples=[answer_example("Answer", USER)],
    ),
    retrieve=extend_schema(
        summary="Get a user",
        description="The caller, or anybody for staff; for others it is a 404.",
        tags=["users"],
        examples=[answer_example("Answer", USER)],
    ),
    update=_replace_user,
    partial_update=_update_user,
)
sessions = extend_schema_view(
    list=extend_schema(
        summary="List the caller's sessions",
        description="Where the account is logged in: device, address, and when the session began and was last used.",
        tags=["authentication"],
        examples=[answer_example("Answer", SESSION)],
    ),
    destroy=extend_schema(
        operation_id="revokeSession",
        summary="End a session",
        description="Its tokens are not valid any more.",
        tags=["authentication"],
        responses={204: None},
    ),
)
revoke_others = extend_schema(
    operation_id="revokeOtherSessions",
    summary="End all other sessions",
    description="All sessions of the caller but the present one.",
    tags=["authentication"],
    request=None,
    responses={204: None},
)

# The same at other addresses
obtain_token_pair = extend_schema_view(post=extend_schema(operation_id="obtainTokenPair"))
refresh_token_pair = extend_schema_view(post=extend_schema(operation_id="refreshTokenPair"))
me = extend_schema_view(get=extend_schema(operation_id="getMe"))
overwrite_user = extend_schema_view(update=extend_schema(operation_id="overwriteUser"))
