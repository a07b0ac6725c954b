"""The log of deliveries speaks to people: no names of classes, no error numbers (WH8)."""

from __future__ import annotations

import errno
import socket
import ssl
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected

import pytest
from django.utils import translation
from urllib3.exceptions import NewConnectionError, ProtocolError
from urllib3.util.ssl_match_hostname import CertificateError

from apps.web.templatetags.pages import reason
from apps.webhooks import reasons
from apps.webhooks.delivering.sending import send
from apps.webhooks.reasons import reason_of


def not_connected(cause):
    error = NewConnectionError(None, f"no connection: {cause}")
    error.__cause__ = cause
    return error


def untrusted(code):
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (not_connected(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")), reasons.REFUSED),
        (not_connected(TimeoutError("timed out")), reasons.TOO_SLOW),
        (not_connected(OSError(errno.EHOSTUNREACH, "No route to host")), reasons.UNREACHABLE),
        (not_connected(OSError("no address")), reasons.NO_CONNECTION),
        (TimeoutError("The read operation timed out"), reasons.TIMED_OUT),
        (RemoteDisconnected("Remote end closed connection without response"), reasons.HUNG_UP),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), reasons.HUNG_UP),
        (ProtocolError("Connection broken: IncompleteRead(3 bytes read)", IncompleteRead(b"abc", 4)), reasons.HUNG_UP),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), reasons.HUNG_UP),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), reasons.NO_TLS),
        (untrusted(10), reasons.EXPIRED),
        (untrusted(18), reasons.SELF_SIGNED),
        (untrusted(20), reasons.UNKNOWN_ISSUER),
        (untrusted(62), reasons.OTHER_NAME),
        (untrusted(79), reasons.UNTRUSTED),
        (CertificateError("hostname 'a' doesn't match 'b'"), reasons.OTHER_NAME),
        (BadStatusLine("nonsense"), reasons.NOT_HTTP),
        (ValueError("invalid literal for int()"), reasons.NOT_HTTP),
    ],
)
def test_wh8_why_there_is_no_answer_is_said_in_plain_words(error, said):
    assert reason_of(error) == said


def test_wh8_a_host_without_an_address_is_named_as_that(settings, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    settings.WEBHOOK_ALLOW_HTTP = True
    monkeypatch.setattr("apps.webhooks.addresses.socket.getaddrinfo", unknown)

    answer = send("http://nowhere.example/", {}, b"{}")

    assert (answer.code, answer.is_blocked, answer.error) == (None, False, "The host of the URL has no address.")


def test_wh8_the_page_says_each_reason_in_the_readers_language():
    with translation.override("de"):
        said = {text: reason(text) for text in reasons.ALL}
        blocked = reason("Only https is allowed here; WEBHOOK_ALLOW_HTTP opens http.")

    assert [text for text, german in said.items() if german == text] == []
    assert said[reasons.REFUSED] == "Der Empfänger hat die Verbindung abgelehnt."
    assert blocked.startswith("Hier ist nur https erlaubt")
