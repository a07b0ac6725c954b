"""What gunicorn answers to requests that it cannot parse: problems in JSON instead of its HTML."""

from __future__ import annotations

import json
import logging
import os
import socket
import uuid
from http import HTTPStatus

from gunicorn import util

CODES = {HTTPStatus.FORBIDDEN: "permission_denied", HTTPStatus.INTERNAL_SERVER_ERROR: "internal_error"}
# The request could not be parsed, so the origin is not known. The answer holds nothing that is anybody's.
CORS = "Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: X-Request-ID\r\n"

logger = logging.getLogger("taskhouse.access")


def install() -> None:
    """Make gunicorn's workers of this process use `write_problem`."""
    util.write_error = write_problem


def write_problem(connection: socket.socket, status: int, title: str, detail: str) -> None:
    """Answer a rejected request; takes the place of `gunicorn.util.write_error`."""
    code = CODES.get(HTTPStatus(status), "bad_request")
    request_id = uuid.uuid4().hex
    problem = {
        "type": f"about:blank#{code}",
        "title": title,
        "status": status,
        "detail": detail or f"{title}.",
        "code": code,
        "instance": "",
        "request_id": request_id,
    }
    body = json.dumps(problem).encode()
    logger.warning("unparsed %s %s request_id=%s", status, title, request_id)
    head = (
        f"HTTP/1.1 {status} {title}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\nX-Request-ID: {request_id}\r\nX-Content-Type-Options: nosniff\r\n"
        f"{CORS if os.environ.get('CORS_ALLOWED_ORIGINS') else ''}\r\n"
    )
    util.write_nonblock(connection, head.encode("latin-1") + body)
