"""Why a delivery has no good answer, in words for who reads its log: libraries speak of objects and error numbers.

The log keeps them in English; pages translate them where they are shown.
"""

from __future__ import annotations

import errno
import ssl
from collections.abc import Iterator
from http.client import IncompleteRead

from django.utils.translation import gettext_noop as _
from urllib3.exceptions import NewConnectionError, ProtocolError
from urllib3.util.ssl_match_hostname import CertificateError

TIMED_OUT = _("The answer was not complete in time.")
NO_ADDRESS = _("The host of the URL has no address.")
NO_CONNECTION = _("No connection could be made.")
TOO_SLOW = _("The receiver did not accept the connection in time.")
REFUSED = _("The receiver refused the connection.")
UNREACHABLE = _("The network of the receiver cannot be reached.")
HUNG_UP = _("The receiver closed the connection before it had answered.")
NOT_HTTP = _("The answer is not valid HTTP.")
NO_TLS = _("No secure connection (TLS) could be made.")
UNTRUSTED = _("The certificate of the receiver cannot be verified.")
DISABLED = _("The webhook was disabled.")
WORKER_ENDED = _("The worker ended during the last attempt.")
EVENT_GONE = _("The event is no longer in the log.")
SECRET_UNREADABLE = _("The secret of the webhook cannot be read.")

EXPIRED = _("The certificate of the receiver has expired.")
NOT_YET = _("The certificate of the receiver is not valid yet.")
OTHER_NAME = _("The certificate of the receiver is for another name.")
SELF_SIGNED = _("The certificate of the receiver is self-signed.")
UNKNOWN_ISSUER = _("The certificate of the receiver is signed by nobody who is trusted, or its chain is incomplete.")
CERTIFICATES = {  # by the codes of OpenSSL (x509_vfy.h)
    9: NOT_YET,
    10: EXPIRED,
    18: SELF_SIGNED,
    19: SELF_SIGNED,
    20: UNKNOWN_ISSUER,
    21: UNKNOWN_ISSUER,
    62: OTHER_NAME,
    64: OTHER_NAME,
}
BROKEN_OFF = (OSError, IncompleteRead, ProtocolError)
UNREACHABLE_NUMBERS = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}
ALL = frozenset(
    {TIMED_OUT, NO_ADDRESS, NO_CONNECTION, TOO_SLOW, REFUSED, UNREACHABLE, HUNG_UP, NOT_HTTP, NO_TLS, UNTRUSTED}
    | {DISABLED, WORKER_ENDED, EVENT_GONE, SECRET_UNREADABLE, *CERTIFICATES.values()}
)


def reason_of(error: BaseException) -> str:
    """Return in a sentence why a request has no answer."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CERTIFICATES.get(cause.verify_code, UNTRUSTED)
        if isinstance(cause, CertificateError):
            return OTHER_NAME
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
            return NO_TLS
        if isinstance(cause, ConnectionRefusedError):
            return REFUSED
        if isinstance(cause, OSError) and cause.errno in UNREACHABLE_NUMBERS:
            return UNREACHABLE
    is_connecting = any(isinstance(cause, NewConnectionError) for cause in causes)
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return TOO_SLOW if is_connecting else TIMED_OUT
    if is_connecting:
        return NO_CONNECTION
    return HUNG_UP if any(isinstance(cause, BROKEN_OFF) for cause in causes) else NOT_HTTP


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it was made of: urllib3 gives the first one along as an argument."""
    while error is not None:
        yield error
        inner = [each for each in error.args if isinstance(each, BaseException)]
        error = error.__cause__ or (inner[-1] if inner else None)
