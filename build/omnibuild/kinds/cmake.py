"""CMake projects, configured out of tree and built with make (which speaks the jobserver)."""

from __future__ import annotations

from omnibuild.kinds.base import SOURCE_DIR, Command, CommonOptions, Context
from omnibuild.recipe.model import RelPath, Text

VERSION = 1


class Options(CommonOptions):
    """``configure`` are extra -D options; ``directory`` holds CMakeLists.txt."""

    configure: tuple[Text, ...] = ()
    targets: tuple[Text, ...] = ()
    directory: RelPath = "."


def commands(options: Options, context: Context) -> tuple[Command, ...]:
    """Return configure, build and install, in this order."""
    build_dir = f"{SOURCE_DIR}/omnibuild-cmake"
    source = SOURCE_DIR if options.directory == "." else f"{SOURCE_DIR}/{options.directory}"
    defines = (
        f"-DCMAKE_INSTALL_PREFIX={context.prefix}",
        f"-DCMAKE_PREFIX_PATH={context.prefix}",
        f"-DCMAKE_INSTALL_RPATH={context.prefix}/lib",
        "-DCMAKE_INSTALL_LIBDIR=lib",
        "-DCMAKE_BUILD_TYPE=Release",
        *context.expand_all(options.configure),
    )
    destdir = {"DESTDIR": context.destdir} if context.destdir else {}
    return (
        Command(("cmake", "-S", source, "-B", build_dir, "-G", "Unix Makefiles", *defines)),
        Command(("make", *options.targets), build_dir),
        Command(("make", "install"), build_dir, destdir),
    )
