"""Every recipe and every line-up of this repository, as it is."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from omnibuild.checks.spdx import forbidden_ids, spdx_faults
from omnibuild.errors import InvalidInput
from omnibuild.kinds.base import Context
from omnibuild.kinds.registry import commands_for
from omnibuild.lineup.load import Project, load_project
from omnibuild.lineup.model import Lineup
from omnibuild.lock import Lock, lock_path, make_lock, stale
from omnibuild.recipe.load import RecipeFolder, load_recipe, load_recipes
from omnibuild.recipe.variables import expand
from omnibuild.yamlfile import read_model

ROOT = Path(__file__).parent.parent.parent
FOLDERS = sorted(file.parent for file in (ROOT / "recipes").glob("*/recipe.yml"))
LINEUPS = sorted((ROOT / "manifests").glob("*.yml"))
# Upstream publishes here over plain HTTP only; the sha256 says which bytes are meant.
HTTP_ONLY: dict[str, str] = {}
# A package's registry is asked by the package's name: which mirror answers is the host's affair.
REGISTRIES = re.compile(
    r"deb\.debian|snapshot\.debian|archive\.ubuntu|pypi\.|pythonhosted|repo1?\.maven|proxy\.golang|registry\.npmjs"
)


def name_of(path: Path) -> str:
    return path.name


@pytest.fixture(params=FOLDERS, ids=name_of)
def loaded(request: pytest.FixtureRequest) -> RecipeFolder:
    folder: Path = request.param
    return load_recipe(folder)


@pytest.fixture(params=LINEUPS, ids=name_of)
def lineup_file(request: pytest.FixtureRequest) -> Path:
    file: Path = request.param
    return file


@pytest.fixture
def project(lineup_file: Path) -> Project:
    return load_project(lineup_file, ROOT / "recipes")


def test_there_are_recipes() -> None:
    """The tests below look at something, and all recipes together are consistent."""
    assert len(load_recipes(ROOT / "recipes").sound) == len(FOLDERS) > 15
    assert {file.stem for file in LINEUPS} == {"classic", "current"}


def test_the_folder_bears_the_components_name(loaded: RecipeFolder) -> None:
    """recipes/<component>, or recipes/<component>-<major> where two versions are kept."""
    recipe = loaded.recipe
    allowed = {recipe.name} | {f"{recipe.name}-{'.'.join(recipe.version.split('.')[:n])}" for n in (1, 2, 3)}
    assert loaded.folder.name in allowed


def test_every_source_is_pinned(loaded: RecipeFolder) -> None:
    """Each source is identified by its sha256, unless it is a folder of this repository."""
    for source in loaded.recipe.sources:
        if source.is_local:
            assert (loaded.folder / str(source.locations[0].path)).exists()
        else:
            assert all(source.digest_of(location) for location in source.locations)


def test_urls_are_upstreams_and_encrypted(loaded: RecipeFolder) -> None:
    """https everywhere (exceptions have a reason), and no registry by its host name."""
    recipe = loaded.recipe
    for source in recipe.sources:
        for location in source.locations:
            if location.url:
                parts = urlsplit(location.url)
                assert parts.scheme == "https" or HTTP_ONLY.get(parts.netloc), location.url
                assert parts.netloc
    for file in (loaded.file, *loaded.files()):
        assert not REGISTRIES.search(file.read_text(errors="replace")), file


def test_a_recipe_says_how_it_is_tested(loaded: RecipeFolder) -> None:
    """Each component has a test of its own, or at least files that it must contain."""
    assert loaded.recipe.tests or loaded.recipe.payload.must_contain


def test_every_patch_says_why(loaded: RecipeFolder) -> None:
    """A patch begins with its reason, and applies in the order of its number."""
    patches = loaded.recipe.patches
    assert list(patches) == sorted(patches)
    beside = {str(path.relative_to(loaded.folder)) for path in loaded.files() if path.suffix == ".patch"}
    assert beside == set(patches)
    for patch in patches:
        head = (loaded.folder / patch).read_text(errors="replace").partition("--- ")[0]
        assert len(head.strip()) > 40, f"{patch}: no reason given"


def test_files_beside_the_recipe_are_used(loaded: RecipeFolder) -> None:
    """Nothing lies around: each file is named by the recipe or by another of its files."""
    texts = {path: path.read_text(errors="replace") for path in (loaded.file, *loaded.files())}
    kind_default = {"build.sh"} if loaded.recipe.build["kind"] == "script" else set()
    for path in loaded.files():
        others = [text for other, text in texts.items() if other != path]
        assert path.name in kind_default or any(path.name in text for text in others), path


def test_opt_outs_have_reasons(loaded: RecipeFolder) -> None:
    """A check that is skipped says why, in a sentence."""
    for check, globs in loaded.recipe.checks.skip.items():
        for glob, reason in globs.items():
            assert len(reason) > 20, f"{check}: {glob}"


def test_commands_can_be_made(loaded: RecipeFolder) -> None:
    """Every variable is defined, in the commands, the tests and the sources."""
    values = {"name": "n", "version": loaded.recipe.version, "prefix": "/p", "root": "/", "jobs": "2"}
    context = Context("n", "1", "/", "/p", 2, "", lambda text: expand(text, values, where="test"))
    assert commands_for(loaded.recipe.build, context)


def test_a_lineup_is_consistent(project: Project) -> None:
    """Every component has a recipe, every dependency is there, nothing goes in circles."""
    assert set(project.order) == set(project.lineup.components)
    assert set(project.lineup.shipped) <= set(project.shipped())


def test_nothing_is_listed_in_vain(project: Project) -> None:
    """Each component of a line-up is shipped, or something is built with it."""
    needed = set(project.shipped())
    todo = list(needed)
    while todo:
        depends = project.recipes[todo.pop()].recipe.depends
        new = {*depends.build, *depends.link, *depends.runtime} - needed
        needed |= new
        todo.extend(new)
    assert needed == set(project.order)


def test_licences_are_valid_and_allowed(project: Project) -> None:
    """Each shipped component's licence is an SPDX expression within the line-up's policy."""
    allowed = frozenset(project.lineup.policy.licenses)
    for name in project.shipped():
        expression = project.recipes[name].recipe.license
        assert spdx_faults(expression) == (), name
        assert forbidden_ids(expression, allowed) == (), name


def test_the_lock_is_complete(project: Project) -> None:
    """The lock names every component with its sources' locations expanded."""
    lock = make_lock(project, {})
    assert set(lock.components) == set(project.order)
    assert all("{" not in where for e in lock.components.values() for s in e.sources for where in s.locations)


def test_a_committed_lock_is_fresh(lineup_file: Path) -> None:
    """A lock that lies beside a line-up says what the recipes say."""
    path = lock_path(lineup_file)
    if not path.is_file():
        pytest.skip(f"{path.name} is not committed")
    project, lock = load_project(lineup_file, ROOT / "recipes"), Lock.load(path)
    assert stale(lock, make_lock(project, lock.source_digests())) == []


def test_every_recipe_is_in_a_lineup() -> None:
    """A recipe that no line-up names is dead."""
    named = {(n, v) for file in LINEUPS for n, v in read_model(file, Lineup).components.items()}
    assert set(load_recipes(ROOT / "recipes").sound) <= named


def test_files_that_a_lineup_names_exist(lineup_file: Path) -> None:
    """Package scripts, extra files and overrides are there."""
    package = read_model(lineup_file, Lineup).package
    named = [package.changelog, package.lintian_overrides, *(extra.source for extra in package.files)]
    for path in filter(None, (*named, *package.scripts.model_dump().values())):
        assert (ROOT / path).is_file(), path


def test_a_spoilt_recipe_would_be_noticed(tmp_path: Path) -> None:
    """These tests can fail."""
    text = (ROOT / "recipes/zlib/recipe.yml").read_text().replace("license:", "licence:")
    (tmp_path / "recipe.yml").write_text(text)
    with pytest.raises(InvalidInput, match="did you mean license"):
        load_recipe(tmp_path)
