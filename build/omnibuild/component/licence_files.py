"""Where each component's licence texts lie below the install root, and how they get there."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from omnibuild.component.workspace import Workspace
from omnibuild.errors import BuildFailed, InvalidInput
from omnibuild.recipe.load import RecipeFolder
from omnibuild.recipe.variables import expand

LICENSES = "LICENSES"


def licence_name(component: str, file: str) -> str:
    """The name below LICENSES/ under which a component's licence file is shipped."""
    return f"{component}-{file.rpartition('/')[2]}"


def add_licences(loaded: RecipeFolder, workspace: Workspace, variables: Mapping[str, str]) -> None:
    """Copy the recipe's licence files from the sources to what was installed; InvalidInput if one is absent."""
    recipe = loaded.recipe
    for number, name in enumerate(recipe.license_files):
        source = workspace.source / expand(name, variables, where=f"{loaded.file}: license_files.{number}")
        # A link may point elsewhere on this host: what a build left is not trusted as a path.
        if not source.is_file() or not source.resolve().is_relative_to(workspace.source.resolve()):
            present = sorted(path.name for path in workspace.source.iterdir())
            raise InvalidInput(
                f"{loaded.place(f'license_files.{number}')}: there is no file {name} in the source",
                hint=f"at its top level are: {', '.join(present[:20])}",
            )
        folder = workspace.captured / LICENSES
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise BuildFailed(
                f"{LICENSES}: the build made this something else than a folder", hint="omnibuild fills it"
            )
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / licence_name(recipe.name, name)
        target.unlink(missing_ok=True)
        shutil.copyfile(source, target)
