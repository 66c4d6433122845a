"""``omnibuild graph``: which component needs which."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import click

from omnibuild.commands.options import json_option, project_options
from omnibuild.commands.session import Session
from omnibuild.lineup.load import Project

Edges = dict[str, dict[str, str]]
_STYLES = {"link": "solid", "build": "dashed", "runtime": "dotted"}


@click.command()
@project_options
@click.option("--shipped", is_flag=True, help="Only what is packaged: no build dependencies.")
@click.option("--format", "style", type=click.Choice(["text", "dot"]), default="text", show_default=True, help="How.")
@json_option
def command(session: Session, *, shipped: bool, style: str, as_json: bool) -> None:
    """Show the components of the line-up, each with what it needs."""
    project = session.project
    edges = edges_of(project, shipped=shipped)
    if as_json:
        click.echo(json.dumps(_document(project, edges), indent=2))
    elif style == "dot":
        click.echo("\n".join(dot(project, edges)))
    else:
        click.echo("\n".join(tree(edges, lambda name: f"{name} {project.recipes[name].recipe.version}")))


def edges_of(project: Project, *, shipped: bool) -> Edges:
    """Return, in build order, each component's needs with their kind; the strongest kind counts."""
    names = project.shipped() if shipped else project.order
    edges: Edges = {}
    for name in names:
        depends = project.recipes[name].recipe.depends
        build = {} if shipped else dict.fromkeys(depends.build, "build")
        edges[name] = build | dict.fromkeys(depends.runtime, "runtime") | dict.fromkeys(depends.link, "link")
    return edges


def tree(edges: Edges, title: Callable[[str], str]) -> Iterator[str]:
    """Yield the graph as an indented tree; what was shown before is not unfolded again."""
    needed = {need for needs in edges.values() for need in needs}
    seen: set[str] = set()

    def below(name: str, indent: str) -> Iterator[str]:
        seen.add(name)
        needs = sorted(edges[name].items())
        for number, (need, kind) in enumerate(needs):
            last = number == len(needs) - 1
            again = need in seen and bool(edges[need])
            yield f"{indent}{'└── ' if last else '├── '}{title(need)} ({kind}){' …' if again else ''}"
            if not again:
                yield from below(need, indent + ("    " if last else "│   "))

    for root in sorted(edges.keys() - needed):
        yield title(root)
        yield from below(root, "")


def dot(project: Project, edges: Edges) -> Iterator[str]:
    """Yield the graph in DOT, the language of Graphviz; arrows point to what is needed."""
    shipped = set(project.shipped())
    yield f'digraph "{project.lineup.name}" {{'
    yield "  rankdir=LR; node [shape=box, fontname=sans];"
    for name in edges:
        style = "" if name in shipped else ", style=dashed"
        yield f'  "{name}" [label="{name}\\n{project.recipes[name].recipe.version}"{style}];'
    for name, needs in edges.items():
        for need, kind in sorted(needs.items()):
            yield f'  "{name}" -> "{need}" [style={_STYLES[kind]}, label="{kind}"];'
    yield "}"


def _document(project: Project, edges: Edges) -> dict[str, object]:
    shipped = set(project.shipped())
    return {
        "name": project.lineup.name,
        "components": {
            name: {"version": project.recipes[name].recipe.version, "shipped": name in shipped, "needs": needs}
            for name, needs in edges.items()
        },
    }
