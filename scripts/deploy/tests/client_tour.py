"""The tour, walked with the generated Python client: python -m scripts.deploy.tests.client_tour PACKAGE URL MAIL."""

from __future__ import annotations

import importlib
import inspect
import io
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, get_args
from urllib.parse import parse_qsl, urlsplit

import yaml

from scripts.local import tour
from scripts.local.tour_client import Answer, Client, Surprise, _short

ROOT = Path(__file__).resolve().parents[3]
METHODS = ("get", "post", "put", "patch", "delete")


class Operations:
    """Finds the generated function for a method and a path."""

    def __init__(self, package: Path) -> None:
        sys.path.insert(0, str(package.parent))
        self.package = importlib.import_module(package.name)
        self.used: set[str] = set()
        modules = {path.stem: path for path in (package / "api").glob("*/*.py")}
        self._known: list[tuple[str, re.Pattern[str], str]] = []
        schema = yaml.safe_load((ROOT / "docs" / "openapi.yml").read_text())
        # /api/tasks/statistics/ before /api/tasks/{id}/
        for path, item in sorted(schema["paths"].items(), key=lambda entry: entry[0].count("{")):
            pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + r"\Z")
            for method in METHODS:
                if method in item:
                    file = modules[_snake(item[method]["operationId"])]
                    self._known.append((method, pattern, f"{package.name}.api.{file.parent.name}.{file.stem}"))

    def find(self, method: str, path: str) -> tuple[ModuleType, dict[str, str]] | None:
        """Return the module and the parameters of the path, or None for what is not in the schema."""
        for known, pattern, name in self._known:
            if known == method.lower() and (match := pattern.match(path)):
                self.used.add(name)
                return importlib.import_module(name), match.groupdict()
        return None


operations: Operations


class GeneratedClient(Client):
    """Sends what the tour asks for through the generated functions and models."""

    def call(
        self, method: str, path: str, body: Any = None, *, expect: int = 200, quiet: bool = False, **headers: str
    ) -> Answer:
        found = operations.find(method, urlsplit(path).path)
        if found is None:
            return super().call(method, path, body, expect=expect, quiet=quiet, **headers)
        module, parameters = found
        arguments: dict[str, Any] = {name: _typed(value) for name, value in parameters.items()}
        arguments |= {name: _typed(value) for name, value in parse_qsl(urlsplit(path).query)}
        arguments |= {name.lower(): value for name, value in headers.items()}
        if body:
            arguments["body"] = _model(module).from_dict(body)
        return self._ask(module, arguments, f"{method} {path}", expect=expect, quiet=quiet)

    def upload(self, path: str, name: str, content: bytes, content_type: str, *, expect: int = 201) -> Answer:
        found = operations.find("POST", path)
        assert found is not None
        module, parameters = found
        file = operations.package.types.File(io.BytesIO(content), name, content_type)
        arguments = {key: _typed(value) for key, value in parameters.items()} | {"body": _model(module)(file=file)}
        return self._ask(module, arguments, f"POST {path}", expect=expect, quiet=False)

    def _ask(self, module: ModuleType, arguments: dict[str, Any], what: str, *, expect: int, quiet: bool) -> Answer:
        # An answer that the schema does not name is an exception here.
        options = {"base_url": self.url, "raise_on_unexpected_status": True}
        package = operations.package.client
        client = package.AuthenticatedClient(token=self.token, **options) if self.token else package.Client(**options)
        known = inspect.signature(module.sync_detailed).parameters
        # A name that Python has itself, such as `filter`, has an underscore behind it in the client.
        named = {name if name in known else f"{name}_": value for name, value in arguments.items()}
        response = module.sync_detailed(client=client, **named)
        parsed = response.parsed
        body = parsed.to_dict() if hasattr(parsed, "to_dict") else _content(response)
        if not quiet:
            print(f"  {self.name}: {module.__name__.rpartition('.')[2]} -> {int(response.status_code)} {_short(body)}")
        if response.status_code != expect:
            raise Surprise(f"{what} answered {int(response.status_code)} instead of {expect}: {body!r}")
        return Answer(int(response.status_code), response.headers, body)


def _content(response: Any) -> Any:
    is_json = "json" in response.headers.get("Content-Type", "")
    return json.loads(response.content) if is_json and response.content else response.content


def _snake(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).lower()


def _typed(value: str) -> Any:
    return {"true": True, "false": False}.get(value, int(value) if value.isdigit() else value)


def _model(module: ModuleType) -> Any:
    """Return the class of the request body that the generated function takes."""
    annotation = inspect.signature(module._get_kwargs).parameters["body"].annotation
    return next(kind for kind in (annotation, *get_args(annotation)) if hasattr(kind, "from_dict"))


def main() -> int:
    """Walk; return the exit code."""
    global operations
    package, url, mail = sys.argv[1:]
    operations = Operations(Path(package))
    tour.Client = GeneratedClient
    code = tour.main(["--url", url, "--mail", mail])
    print(f"{len(operations.used)} generated functions were used")
    return code


if __name__ == "__main__":
    sys.exit(main())
