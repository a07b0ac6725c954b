"""HTTP to addresses of our own, past any proxy that the environment or the system names.

`http_proxy` is there for pip; a proxy elsewhere cannot reach this machine's loopback.
"""

import urllib.request
from collections.abc import Mapping
from http.client import HTTPResponse

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
NO_PROXY = ("no_proxy", "NO_PROXY")  # some programs read the one, some the other
OURS = "localhost,127.0.0.1,::1,testserver"


def open_url(request: str | urllib.request.Request, *, timeout: float) -> HTTPResponse:
    """Send a request; `timeout` in seconds. Raises urllib.error.URLError as `urlopen` does."""
    answer: HTTPResponse = _opener.open(request, timeout=timeout)
    return answer


def past_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that keep other programs (curl, HTTP libraries) from using a proxy for our addresses."""
    named = next((environment[name] for name in NO_PROXY if environment.get(name)), "")
    return dict.fromkeys(NO_PROXY, ",".join(filter(None, (named, OURS))))
