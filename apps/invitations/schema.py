"""What OpenAPI says of invitations."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.invitations.serializers import (
    InvitationSerializer,
    JoinedSerializer,
    MadeInvitationSerializer,
    PublicInvitationSerializer,
)
from apps.projects.schema import ARCHIVED, PERSON

SECRET = "4pXh2jQ0Zk8mR1vT6yB3nL9cW5sD7gF2aH4eK6uJ8oP"  # noqa: S105 - an example
INVITATION = {
    "id": 6,
    "email": "ann@example.org",
    "role": "member",
    "state": "pending",
    "invited_by": PERSON,
    "expires_at": "2026-12-04T09:00:00Z",
    "created_at": "2026-11-20T09:00:00Z",
    "accepted_by": None,
    "mail": {"state": "pending", "error": ""},
}
MADE = INVITATION | {"accept_url": f"https://tasks.example.org/invitations/{SECRET}/"}
SEEN = {
    "project": {"name": "Website"},
    "inviter": {"username": "ben", "nickname": "Ben"},
    "role": "member",
    "email": "a…@example.org",
    "state": "pending",
}
OVER = {410: {"invitation_over": "It was accepted, declined or revoked, or it has expired; `state` says which."}}
TAKEN = {
    "project_archived": ARCHIVED,
    "already_member": "The address is that of a member.",
    "already_invited": "The address has a pending invitation; `invitation` is its id.",
}
LIMITED = {"inbox_is_personal": "An Inbox is personal.", "too_many_invitations": "There are `limit` pending ones."}

INVITATIONS = {
    "list": extend_schema(
        operation_id="listInvitations",
        summary="List the invitations to a project",
        description="Newest first.",
        examples=[answer_example("An invitation", INVITATION)],
    ),
    "retrieve": extend_schema(
        operation_id="getInvitation",
        summary="Get an invitation",
        description="With what became of its mail.",
        examples=[answer_example("An invitation", INVITATION)],
    ),
    "create": extend_schema(
        operation_id="createInvitation",
        summary="Invite an address",
        description=(
            "Sends a mail with a link, and answers another link once in `accept_url`, which works when mail does not. "
            "The answer is the same whether the address has an account."
        ),
        request=InvitationSerializer,
        responses={201: MadeInvitationSerializer} | rejections({409: TAKEN | LIMITED}),
        examples=[
            request_example("An address", {"email": "ann@example.org", "role": "member"}),
            answer_example("The invitation", MADE, statuses=(201,)),
        ],
    ),
    "partial_update": extend_schema(
        operation_id="updateInvitation",
        summary="Change an invitation",
        description="Another address makes new links and another mail; the old links end. Another role keeps them.",
        responses={200: InvitationSerializer} | rejections({409: TAKEN} | OVER),
        examples=[request_example("Another role", {"role": "viewer"}), answer_example("The invitation", INVITATION)],
    ),
    "destroy": extend_schema(
        operation_id="revokeInvitation",
        summary="Revoke an invitation",
        description="Its links end.",
        responses={204: None} | rejections(OVER),
    ),
    "resend": extend_schema(
        operation_id="resendInvitation",
        summary="Send an invitation's mail again",
        description="At most 3 times in 24 hours.",
        request=None,
        responses={200: InvitationSerializer} | rejections(OVER),
        examples=[answer_example("The invitation", INVITATION)],
    ),
    "link": extend_schema(
        operation_id="renewInvitationLink",
        summary="Make another link of an invitation",
        description="The link before ends; that of the mail stays. `accept_url` is shown once.",
        request=None,
        responses={200: MadeInvitationSerializer} | rejections(OVER),
        examples=[answer_example("The invitation", MADE)],
    ),
}
PUBLIC = extend_schema(
    operation_id="getInvitationOfToken",
    summary="Look at an invitation",
    description="For everybody who has a link; changes nothing.",
    tags=["invitations"],
    responses={200: PublicInvitationSerializer} | rejections(OVER),
    examples=[answer_example("An invitation", SEEN)],
)
ACCEPT = extend_schema(
    operation_id="acceptInvitation",
    summary="Accept an invitation",
    description=(
        "The account's address must be the invited one. The link of the mail verifies it as well. Again by the same "
        "person, who is still a member, it gives the same answer."
    ),
    tags=["invitations"],
    request=None,
    responses={200: JoinedSerializer}
    | rejections(
        {
            409: {
                "other_address": "The invitation is for another address; `email` has its first character and domain.",
                "project_archived": ARCHIVED,
            }
        }
        | OVER
    ),
    examples=[answer_example("Joined", {"project": 12, "role": "member"})],
)
DECLINE = extend_schema(
    operation_id="declineInvitation",
    summary="Decline an invitation",
    description="For everybody who has a link; both links end.",
    tags=["invitations"],
    request=None,
    responses={204: None} | rejections(OVER),
)
