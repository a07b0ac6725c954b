"""HTTP for passwords and addresses: changed, reset, verified."""

from __future__ import annotations

from http import HTTPStatus

from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.addresses import client_address
from apps.common.api.token_scopes import not_for_tokens
from apps.users import schema, services
from apps.users.serializers import (
    ChangePasswordSerializer,
    PasswordResetSerializer,
    ResetPasswordSerializer,
    VerifyEmailSerializer,
)
from apps.users.views.base import LimitedView, PublicView


class ChangePasswordView(LimitedView):
    """Sets a new password."""

    throttle_scope = "token"
    token_scopes = not_for_tokens

    @schema.change_password
    def post(self, request: Request) -> Response:
        services.change_password(
            actor=self.actor,
            session=request.auth,  # type: ignore[arg-type]
            ip_address=client_address(request),
            **self.body(ChangePasswordSerializer),
        )
        return Response(status=HTTPStatus.NO_CONTENT)


class VerifyAddressView(PublicView):
    """Takes the token of a verification mail."""

    throttle_scope = "token"

    @schema.verify_email
    def post(self, request: Request) -> Response:
        services.verify_address(**self.body(VerifyEmailSerializer))
        return Response(status=HTTPStatus.NO_CONTENT)


class ResendVerificationView(LimitedView):
    """Sends the verification mail again."""

    throttle_scope = "mail"
    token_scopes = not_for_tokens

    @schema.resend_verification
    def post(self, request: Request) -> Response:
        services.send_verification(user=self.actor)
        return Response(status=HTTPStatus.ACCEPTED)


class ResetRequestView(PublicView):
    """Sends a reset mail, if there is such an account; the answer does not say whether."""

    throttle_scope = "mail"

    @schema.request_reset
    def post(self, request: Request) -> Response:
        services.request_password_reset(**self.body(PasswordResetSerializer))
        return Response(status=HTTPStatus.ACCEPTED)


class ResetPasswordView(PublicView):
    """Takes the token of a reset mail and a new password."""

    throttle_scope = "token"

    @schema.reset_password
    def post(self, request: Request) -> Response:
        services.reset_password(**self.body(ResetPasswordSerializer))
        return Response(status=HTTPStatus.NO_CONTENT)
