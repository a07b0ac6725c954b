"""The texts with which the services reject, read from their source: what pages show has to be translated.

A text is followed from where an error is made to where it is written: through names of the function and the module,
tables, and functions that are given the text. A place for a value is written `{}`.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.translations.sources import ROOT

ERRORS = "DomainError"
DETAIL = "detail"
# Which argument is the text, where it can be given without a name
FIRST = {"FieldError": 2, "at": 2, "FilterError": 2}
OTHERS = {"NotAllowedError", "Rejected"}  # caught below the pages, and made into such an error with the same text
LEFT_OUT = {"migrations", "tests", "web"}  # pages mark their own texts
TRANSLATED = {"gettext", "_"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, order=True)
class Raised:
    """A text of an error; `source` is the expression instead, where none can be read from it."""

    module: str
    text: str = ""
    source: str = ""


@dataclass
class Module:
    """A file with its tree, and the functions around each node."""

    name: str
    tree: ast.Module
    around: dict[ast.AST, Function]


def raised_texts() -> set[Raised]:
    """Return the texts of the errors of `apps.common.errors`, and of their kinds, which apps below the pages make."""
    return Reader([_read(path) for path in sorted((ROOT / "apps").rglob("*.py")) if _is_read(path)]).all()


class Reader:
    """Follows texts through modules."""

    def __init__(self, modules: list[Module]) -> None:
        self.modules = modules
        self.constants: dict[str, list[ast.expr]] = defaultdict(list)
        for module in modules:
            for name, value in _assigned(module.tree.body):
                self.constants[name].append(value)
        self.errors = {ERRORS} | _kinds(modules)
        # Functions that are given a text of an error: name -> (which argument, its name)
        self.carriers = {name: (FIRST.get(name, 0), DETAIL) for name in {*self.errors, *OTHERS, "FieldError", "at"}}
        self.carriers.pop("ValidationError")  # whose arguments are faults
        self.modules_of: dict[str, str] = {}  # a carrier with `_` in front is one of its module alone

    def all(self) -> set[Raised]:
        """Return what was found, once no further function is found that is given a text."""
        known = 0
        found: set[Raised] = set()
        while known < len(self.carriers):
            known = len(self.carriers)
            found = {each for module in self.modules for each in self._of_module(module)}
        return found

    def _of_module(self, module: Module) -> Iterator[Raised]:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and (expression := self._detail(node, module)) is not None:
                yield from self._texts(expression, module, module.around.get(node))
            elif isinstance(node, ast.ClassDef) and node.name in self.errors:
                for name, value in _assigned(node.body):
                    if name == DETAIL:
                        yield from self._texts(value, module, None)
                for said in _said_to_super(node):
                    yield from self._texts(said, module, None)

    def _detail(self, call: ast.Call, module: Module) -> ast.expr | None:
        name = _last_name(call.func)
        if name == "at" and _last_name(getattr(call.func, "value", None)) not in self.errors:
            return None
        is_kind = name in self.errors  # `detail=` of a ValidationError
        if name not in self.carriers and not is_kind:
            return None
        if self.modules_of.get(name, module.name) != module.name:
            return None
        position, keyword = self.carriers.get(name, (99, DETAIL))
        for each in call.keywords:
            if each.arg == keyword:
                return each.value
        plain = [each for each in call.args if not isinstance(each, ast.Starred)]
        return plain[position] if position < len(plain) == len(call.args) else None

    def _texts(self, node: ast.expr, module: Module, inside: Function | None) -> Iterator[Raised]:
        if (written := _written(node)) is not None:
            if written:
                yield Raised(module.name, written)
            return
        match node:
            case ast.IfExp(body=one, orelse=other):
                yield from self._texts(one, module, inside)
                yield from self._texts(other, module, inside)
            case ast.Subscript(value=ast.Name(id=table)) if values := self._table(table):
                for each in values:
                    yield from self._texts(each, module, inside)
            case ast.Call(func=function) if _last_name(function) in TRANSLATED:
                return
            case ast.Call(func=ast.Name(id="did_you_mean"), args=[sentence, _]):
                for found in self._texts(sentence, module, inside):
                    yield Raised(module.name, f"{found.text}.", found.source)
                    yield Raised(module.name, f"{found.text}; did you mean {{}}?", found.source)
            case ast.Name(id=name):
                yield from self._of_name(name, module, inside)
            case _:
                yield Raised(module.name, source=ast.unparse(node))

    def _of_name(self, name: str, module: Module, inside: Function | None) -> Iterator[Raised]:
        values = [value for known, value in _assigned(ast.walk(inside)) if known == name] if inside else []
        if inside and not values and (place := _parameter(inside, name)) is not None:
            self._carry(inside, module, place, name)
            return
        own = [value for known, value in _assigned(module.tree.body) if known == name]
        values = values or own or self.constants.get(name, [])
        for value in values:
            for each in self._texts(value, module, inside):
                yield each
                for more in _added(inside, name, behind=value):
                    yield Raised(module.name, each.text + more)
        for function, place in _unpacked(inside, name):
            yield from self._returned(function, place, module)
        if not values:
            yield Raised(module.name, source=name)

    def _carry(self, function: Function, module: Module, place: int, name: str) -> None:
        if function.name != "__init__":
            self.carriers[function.name] = (place, name)
            if function.name.startswith("_"):
                self.modules_of[function.name] = module.name

    def _returned(self, name: str, place: int, module: Module) -> Iterator[Raised]:
        """Yield what stands at `place` of the tuples that a function of the module returns."""
        functions = [each for each in ast.walk(module.tree) if isinstance(each, Function) and each.name == name]
        for node in (node for function in functions for node in ast.walk(function)):
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
                yield from self._texts(node.value.elts[place], module, functions[0])

    def _table(self, name: str) -> list[ast.expr]:
        return [each for table in self.constants.get(name, []) if isinstance(table, ast.Dict) for each in table.values]


def _is_read(path: Path) -> bool:
    return not LEFT_OUT & set(path.relative_to(ROOT / "apps").parts[:-1])


def _read(path: Path) -> Module:
    tree = ast.parse(path.read_text())
    around: dict[ast.AST, Function] = {}
    for function in (node for node in ast.walk(tree) if isinstance(node, Function)):
        around |= dict.fromkeys(ast.walk(function), function)  # the innermost one comes last
    return Module(path.relative_to(ROOT).as_posix(), tree, around)


def _kinds(modules: list[Module]) -> set[str]:
    classes = [node for module in modules for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    kinds = {ERRORS}
    while new := {each.name for each in classes if {_last_name(base) for base in each.bases} & kinds} - kinds:
        kinds |= new
    return kinds


def _assigned(nodes: object) -> Iterator[tuple[str, ast.expr]]:
    for node in nodes:  # type: ignore[attr-defined]  # a list or a walk
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def _added(function: Function | None, name: str, *, behind: ast.expr) -> Iterator[str]:
    """Yield the texts that a function puts behind a value of a name."""
    nodes = list(ast.walk(function)) if function else []
    starts = [value.lineno for known, value in _assigned(nodes) if known == name]
    end = min((line for line in starts if line > behind.lineno), default=10**9)
    for node in nodes:
        if not isinstance(node, ast.AugAssign) or not isinstance(node.value, ast.Constant):
            continue
        if _last_name(node.target) == name and behind.lineno < node.lineno < end:
            yield str(node.value.value)


def _unpacked(function: Function | None, name: str) -> Iterator[tuple[str, int]]:
    """Yield the functions whose tuples are unpacked into a name, with its place in them."""
    for node in ast.walk(function) if function else ():
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Call):
            names = [_last_name(each) for each in node.targets[0].elts]
            if name in names:
                yield _last_name(node.value.func), names.index(name)


def _said_to_super(kind: ast.ClassDef) -> Iterator[ast.Constant]:
    """Yield what a kind of error that says one thing gives to `super().__init__`."""
    for call in (node for node in ast.walk(kind) if isinstance(node, ast.Call)):
        first = call.args[0] if call.args else None
        if isinstance(first, ast.Constant) and ast.unparse(call.func) == "super().__init__":
            yield first


def _written(node: ast.expr) -> str | None:
    """Return the text of an expression that is one, "" for `None`; None for any other."""
    match node:
        case ast.Constant(value=None):
            return ""
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in parts)
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Add()):
            return text + "{}"
    return None


def _parameter(function: Function, name: str) -> int | None:
    """Return the place of a parameter in a call, 99 for one that is always named."""
    given = [each.arg for each in (*function.args.posonlyargs, *function.args.args) if each.arg not in {"self", "cls"}]
    if name in given:
        return given.index(name)
    return 99 if name in {each.arg for each in function.args.kwonlyargs} else None


def _last_name(node: ast.AST | None) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
