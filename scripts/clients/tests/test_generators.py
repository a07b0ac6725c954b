"""What generators make of the OpenAPI document compiles.

Java, Go, Python and TypeScript are compiled. For Kotlin, C# and Java's default library Debian has no compiler or no
libraries: there the test only looks for models that are named and were not made.
"""

import json
import os
import shutil
import sys

import pytest

from scripts.clients.generators import CLIENTS, generate, jar, missing_models
from scripts.clients.tools import DOCUMENT, run
from scripts.local.tools import JARS, JAVA_LIBRARIES, needs

pytestmark = [pytest.mark.slow, pytest.mark.system]

STRICT = {
    "strict": True,
    "noEmit": True,
    "target": "es2022",
    "module": "esnext",
    "moduleResolution": "bundler",
    "lib": ["es2022", "dom", "dom.iterable"],
    "types": [],
}
# The only module that a generated Go client imports; fetching it would take a network.
VALIDATOR = "gopkg.in/validator.v2"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    needs("java")
    return generate(tmp_path_factory.mktemp("clients"))


def test_the_java_client_compiles(made, tmp_path):
    needs("javac")
    sources = sorted((made["java-native"] / "src" / "main").rglob("*.java"))
    libraries = [jar(), *(JARS / f"{name}.jar" for name in JAVA_LIBRARIES)]

    run(
        ["javac", "-proc:none", "-nowarn", "-cp", os.pathsep.join(map(str, libraries)), "-d", tmp_path, *sources],
        cwd=made["java-native"],
    )

    print(f"Java: {len(sources)} files compiled")
    assert (tmp_path / "org/openapitools/client/model/Task.class").exists()


def test_the_go_client_compiles(made, tmp_path, monkeypatch):
    needs("go")
    client = made["go"]
    (tmp_path / "go.mod").write_text(f"module {VALIDATOR}\n\ngo 1.18\n")
    (tmp_path / "validator.go").write_text("package validator\n\nfunc Validate(v interface{}) error { return nil }\n")
    module = client / "go.mod"
    module.write_text(f"{module.read_text()}\nreplace {VALIDATOR} => {tmp_path}\n")
    for name, value in {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local"}.items():
        monkeypatch.setenv(name, value)

    run(["go", "build", "./..."], cwd=client)

    print(f"Go: {len(list(client.glob('*.go')))} files compiled")


def test_the_python_client_can_be_imported(made):
    code = (
        "import importlib, pkgutil, openapi_client as c;"
        "names = [m.name for m in pkgutil.walk_packages(c.__path__, 'openapi_client.')];"
        "[importlib.import_module(name) for name in names]; print(len(names))"
    )

    modules = run([sys.executable, "-c", code], cwd=made["python"])

    print(f"Python: {modules.strip()} modules imported")
    assert int(modules) > 70


@pytest.mark.parametrize("name", list(CLIENTS))
def test_no_model_is_missing(made, name):
    assert missing_models(made[name]) == set()


def test_all_typescript_compiles(made, node_modules, tmp_path):
    """One run for all four makers: the compiler's start costs more than their files."""
    orval = [node_modules / ".bin" / "orval", "--input", DOCUMENT, "--client", "fetch", "--output", "orval.ts"]
    said = run(orval, cwd=tmp_path)
    run([node_modules / ".bin" / "openapi-typescript", DOCUMENT, "--output", "taskhouse.d.ts"], cwd=tmp_path)
    for name in ("typescript-fetch", "typescript-axios"):
        shutil.copytree(made[name], tmp_path / name)
    (tmp_path / "node_modules").symlink_to(node_modules)
    files = ["orval.ts", "taskhouse.d.ts", "typescript-fetch/index.ts", "typescript-axios/index.ts"]
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICT, "files": files}))

    compiled = run([node_modules / ".bin" / "tsc", "--project", ".", "--listFiles"], cwd=tmp_path)

    print(f"TypeScript: {sum(str(tmp_path) in line for line in compiled.splitlines())} files compiled")
    assert "validation failed" not in said, said
