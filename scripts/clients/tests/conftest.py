"""The tools from npm, for the tests of this folder."""

import pytest

from scripts.clients.tools import npm_tools
from scripts.local.tools import needs


@pytest.fixture(scope="session")
def node_modules():
    needs("node")
    return npm_tools()
