"""Every text of the source that is marked for translation, from Python and from templates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from django.template import Template
from django.template.base import Node
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("apps", "config")
# What carries which argument; a pair is context and text
KEYWORDS: dict[str, Any] = {
    "_": None,
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


@dataclass
class Text:
    """A marked text; `plural` and `context` are empty for most."""

    text: str
    plural: str = ""
    context: str = ""
    places: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        """Return what identifies it in a catalogue."""
        return self.context, self.text


def marked_texts() -> list[Text]:
    """Return the marked texts of the source, each once, in the order of the files; needs Django to be set up."""
    found: dict[tuple[str, str], Text] = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if "tests" in path.parts or "migrations" in path.parts:
                continue
            for each in _of_file(path):
                known = found.setdefault(each.key, each)
                known.plural = known.plural or each.plural
                name = path.relative_to(ROOT).as_posix()
                if name not in known.places:
                    known.places.append(name)
    return list(found.values())


def template_of() -> Catalog:
    """Return the marked texts as a catalogue without translations."""
    catalog = Catalog(project="Taskhouse", fuzzy=False)
    for each in marked_texts():
        text: Any = (each.text, each.plural) if each.plural else each.text
        catalog.add(text, locations=[(name, 1) for name in each.places], context=each.context or None)
    return catalog


def _of_file(path: Path) -> Iterator[Text]:
    if path.suffix == ".py":
        with path.open("rb") as file:
            for _, message, _, context in extract("python", file, keywords=KEYWORDS):
                one, many = message if isinstance(message, tuple) else (message, "")
                yield Text(one, many, context or "")
    elif "templates" in path.parts and path.suffix in {".html", ".txt"}:
        yield from _of_template(path.read_text())


def _of_template(source: str) -> Iterator[Text]:
    for node in _nodes(Template(source).nodelist):
        if isinstance(node, TranslateNode):
            if isinstance(text := node.filter_expression.var, str) or text.literal:  # not what a variable holds
                yield Text(str(text if isinstance(text, str) else text.literal), "", _literal(node))
        elif isinstance(node, BlockTranslateNode):
            one, _ = node.render_token_list(node.singular)
            many, _ = node.render_token_list(node.plural) if node.plural else ("", [])
            if node.trimmed:
                one, many = (" ".join(line.strip() for line in each.strip().splitlines()) for each in (one, many))
            yield Text(one, many, _literal(node))
    yield from map(Text, _constants(source))


def _nodes(nodes: Any) -> Iterator[Node]:
    for node in nodes:
        yield node
        for name in ("nodelist", "nodelist_true", "nodelist_false", "nodelist_loop", "nodelist_empty"):
            yield from _nodes(getattr(node, name, None) or ())
        for _, inner in getattr(node, "conditions_nodelists", ()):
            yield from _nodes(inner)


def _literal(node: Any) -> str:
    context = node.message_context
    return str(context.var) if context is not None else ""


def _constants(source: str) -> Iterator[str]:
    """Yield the texts that tags and filters are given as `_("…")`."""
    for piece in source.split('_("')[1:]:
        yield piece.partition('")')[0]
