"""Clients in the languages of openapi-generator, made in one run of its Java program."""

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from scripts.clients.tools import DOCUMENT, run

# Name of a client -> what to make. All options but those of the first one are the generator's own.
CLIENTS: dict[str, dict[str, Any]] = {
    # The default library of Java needs jars that Debian does not have.
    "java-native": {
        "generatorName": "java",
        "library": "native",
        "additionalProperties": {"openApiNullable": "false", "useJakartaEe": "true"},
    },
    "java": {"generatorName": "java"},
    "kotlin": {"generatorName": "kotlin"},
    "csharp": {"generatorName": "csharp"},
    "go": {"generatorName": "go"},
    "python": {"generatorName": "python"},
    "typescript-axios": {"generatorName": "typescript-axios"},
    "typescript-fetch": {"generatorName": "typescript-fetch"},
}
IMPORT = re.compile(r"^import org\.openapitools\.client\.models?\.(\w+)", re.MULTILINE)
LINK = re.compile(r"\]\((?:\.\./)?(?:\w+/)*(\w+)\.md")
# What the pages of the generated documentation link to besides models
NOT_MODELS = {"README", "File", "Integer", "Long", "String", "int", "integer", "long", "number", "str", "string"}


def jar() -> Path:
    """Return the path of openapi-generator, which its package on PyPI contains."""
    found = find_spec("openapi_generator_cli")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "openapi-generator.jar"


def generate(folder: Path, document: Path = DOCUMENT) -> dict[str, Path]:
    """Make all clients below `folder`; return {name: its folder}."""
    made = {name: folder / name for name in CLIENTS}
    for name, options in CLIENTS.items():
        wanted = options | {"inputSpec": str(document), "outputDir": str(made[name])}
        (folder / f"{name}.json").write_text(json.dumps(wanted))
    settings = [folder / f"{name}.json" for name in CLIENTS]
    run(["java", "-jar", jar(), "batch", "--threads", "2", *settings], cwd=folder)
    return made


def missing_models(client: Path) -> set[str]:
    """Return the models that a client imports, or that its documentation links to, and that were not made."""
    return set(_imported(client)) | set(_linked(client))


def _imported(client: Path) -> Iterator[str]:
    sources = [path for path in client.rglob("*") if path.suffix in {".java", ".kt"}]
    there = {path.stem for path in sources}
    for path in sources:
        yield from (name for name in IMPORT.findall(path.read_text()) if name not in there)


def _linked(client: Path) -> Iterator[str]:
    pages = list((client / "docs").rglob("*.md"))
    there = {path.stem for path in pages}
    for page in pages:
        yield from (name for name in LINK.findall(page.read_text()) if name not in there | NOT_MODELS)
