"""The short way to a renderer gives what Django REST Framework gives."""

import pytest
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer, StaticHTMLRenderer
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from apps.common.api.negotiation import ContentNegotiation

JSON, HTML = JSONRenderer(), StaticHTMLRenderer()


def chosen(negotiation, headers, renderers):
    request = Request(APIRequestFactory().get("/", **headers))
    try:
        return negotiation.select_renderer(request, renderers)
    except NotAcceptable:
        return None


@pytest.mark.parametrize("renderers", [[JSON], [HTML], [JSON, HTML], [HTML, JSON]])
@pytest.mark.parametrize(
    "accept",
    [None, "", "*/*", "application/json", "application/json; indent=4", "*/*;q=0.1", "text/html", "application/*", "a"],
)
def test_it_chooses_as_the_framework_does(accept, renderers):
    headers = {} if accept is None else {"HTTP_ACCEPT": accept}

    expected = chosen(DefaultContentNegotiation(), headers, renderers)
    assert chosen(ContentNegotiation(), headers, renderers) == expected
