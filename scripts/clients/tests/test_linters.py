"""Linters find no error in the OpenAPI document under the rules that they recommend."""

import json

import pytest

from scripts.clients.tools import DOCUMENT, run

pytestmark = [pytest.mark.slow, pytest.mark.system]

# Every path ends in a slash, as Django's do. Operations list the scopes that an API token needs under its HTTP scheme,
# as OpenAPI 3.1 allows for schemes without scopes of their own; Spectral knows those of OAuth alone.
OUR_CHOICE = {"path-keys-no-trailing-slash", "no-path-trailing-slash", "oas3-operation-security-defined"}


def test_spectral_finds_no_error(node_modules, tmp_path):
    (tmp_path / "spectral.yaml").write_text('extends: ["spectral:oas"]\n')

    text = run(
        [node_modules / ".bin" / "spectral", "lint", DOCUMENT, "-r", "spectral.yaml", "-f", "json", "-q"],
        cwd=tmp_path,
        check=False,
    )

    found = [one for one in json.loads(text) if one["code"] not in OUR_CHOICE]
    errors = [(one["code"], one["message"], one["path"]) for one in found if one["severity"] == 0]
    print(f"Spectral: {len(errors)} errors, {len(found)} findings: {sorted({one['code'] for one in found})}")
    assert errors == []
    assert {one["code"] for one in found} <= {"info-contact"}


def test_redocly_finds_no_error(node_modules, tmp_path):
    # It reports 100 problems unless told otherwise, and what a pipe does not take at once gets mixed with its last line
    options = ["--format=json", "--extends=recommended", "--max-problems=1000", "--skip-rule=no-path-trailing-slash"]
    text = run([node_modules / ".bin" / "redocly", "lint", DOCUMENT, *options], cwd=tmp_path, check=False)

    report = json.loads(text[text.index("{") : text.rindex("}") + 1])
    found = [one for one in report["problems"] if one["ruleId"] not in OUR_CHOICE]
    errors = [(one["ruleId"], one["message"]) for one in found if one["severity"] == "error"]
    print(f"Redocly: {len(errors)} errors, {len(found)} findings: {sorted({one['ruleId'] for one in found})}")
    assert errors == []
    assert {one["ruleId"] for one in found} <= {"info-license"}
