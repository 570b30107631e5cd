#!/usr/bin/env python3
"""Packages whose own tools cannot be had here, as far as they go without: layouts_test.py COMPILER [ARGUMENT...]

Each is read by a stand-in (interfaces/) that offers as much of the tool or the board as the package uses, and the
program in it, or consumers/embedded.cpp, is compiled by the compiler, for a Cortex-M3 too, and run. What was not run is
the tool itself: it is skipped by name. The rules on names and fields are those of each tool's documentation.
"""
import importlib.util
import json
import os
import pathlib
import re
import shlex
import shutil
import sys
import tempfile

from packaged import ARM, CONSUMERS, INTERFACES, STRICT, output, packed
from support import Result

COMPILER = sys.argv[1:]
SEMVER = r"\d+\.\d+\.\d+"
GREETING = "Hello, board.\nstopped\n"
# What there is no package of in Debian 12, and what it would have done.
NOT_RUN = (
    "arduino-cli: no sketch was compiled for a board",
    "pio: library.json was not checked by pio pkg pack",
    "idf.py: no example was built for an ESP32",
    "west: no application of Zephyr was built",
    "vcpkg: the port was run by a stand-in",
    "conan: the recipe was run by a stand-in, its test_package was not built",
    "xmake: nothing has read its package",
)


def sketch(package, folder):
    """examples/Ask of an Arduino library, compiled as Arduino does: Arduino.h stands before it."""
    ino = package / "examples" / "Ask" / "Ask.ino"
    options = ["-std=gnu++17", "-fno-exceptions", "-fno-rtti", f"-I{INTERFACES / 'arduino'}", f"-I{package / 'src'}",
               "-include", "Arduino.h", "-x", "c++", ino]
    output([*COMPILER, *STRICT, *options, INTERFACES / "arduino" / "board.cpp", "-o", folder / "sketch"])
    assert output([folder / "sketch"]) == GREETING
    if shutil.which(ARM[0]):
        output([*ARM, *options, "-c", "-o", folder / "sketch.o"])


def arduino(packages, folder):
    lines = (packages / "arduino" / "library.properties").read_text().splitlines()
    fields = dict(line.split("=", 1) for line in lines)
    required = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures"}
    assert required <= fields.keys() and all(fields.values()), fields
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _.-]*", fields["name"])
    assert re.fullmatch(SEMVER, fields["version"])
    assert fields["category"] in {"Display", "Communication", "Signal Input/Output", "Sensors", "Device Control",
                                  "Timing", "Data Storage", "Data Processing", "Other"}
    assert (packages / "arduino" / "src" / fields["includes"]).is_file()
    for ino in (packages / "arduino" / "examples").rglob("*.ino"):
        assert ino.stem == ino.parent.name, f"{ino.name} is not named like its folder"
    sketch(packages / "arduino", folder)


def platformio(packages, folder):
    manifest = json.loads((packages / "platformio" / "library.json").read_text())
    assert re.fullmatch(r"[^:;/,@<>]{1,100}", manifest["name"]) and re.fullmatch(SEMVER, manifest["version"])
    assert len(manifest["description"]) <= 255
    assert all(re.fullmatch(r"[a-z\d+. -]{1,50}", word) for word in manifest["keywords"])
    assert manifest["repository"]["type"] in ("git", "hg", "svn")
    assert (packages / "platformio" / "src" / manifest["headers"]).is_file()
    for example in manifest["examples"]:
        base = packages / "platformio" / example["base"]
        missing = [name for name in example["files"] if not (base / name).is_file()]
        assert not missing, missing
    sketch(packages / "platformio", folder)


def esp_idf(packages, folder):
    """The component is read twice, as ESP-IDF does, and its example asks a server after a played esp_tls."""
    component, stand_in = packages / "esp-idf", INTERFACES / "esp-idf"
    manifest = (component / "idf_component.yml").read_text()
    assert re.search(rf'^version: "{SEMVER}"$', manifest, re.M) and re.search(r"^description: .+$", manifest, re.M)
    said = output(["cmake", "-DESP_PLATFORM=1", f"-DCOMPONENT={component}", "-P", stand_in / "ask_requirements.cmake"])
    assert "requires: mbedtls;lwip" in said, said
    output(["cmake", "-S", stand_in, "-B", folder / "esp", "-G", "Ninja", f"-DCOMPONENT={component}",
            f"-DINTERFACES={stand_in}"], env=dict(os.environ, CXX=shlex.join(COMPILER)))
    output(["cmake", "--build", folder / "esp"])
    assert output([folder / "esp" / "main" / "main"]) == GREETING
    if shutil.which(ARM[0]):
        output([*ARM, "-std=gnu++17", f"-I{component}", "-c", CONSUMERS / "embedded.cpp", "-o", folder / "esp.o"])


def zephyr(packages, folder):
    module = packages / "zephyr"
    names = dict(re.findall(r"^ *(\w+): *(\S+)$", (module / "zephyr" / "module.yml").read_text(), re.M))
    assert (module / names["cmake"] / "CMakeLists.txt").is_file() and (module / names["kconfig"]).is_file(), names
    option = re.match(r"config (\w+)\n\tbool ", (module / names["kconfig"]).read_text())[1]
    command = ["cmake", f"-DMODULE={module}", "-P", INTERFACES / "zephyr.cmake"]
    assert "includes:" not in output(command), "it is part of every application"
    include = re.search("includes: (.+)", output([*command[:1], f"-DCONFIG_{option}=y", *command[1:]]))[1]
    compiler = [*ARM] if shutil.which(ARM[0]) else [*COMPILER, *STRICT]
    output([*compiler, "-std=c++17", f"-I{include}", "-c", CONSUMERS / "embedded.cpp", "-o", folder / "zephyr.o"])


def vcpkg(packages, folder):
    """The portfile is run; vcpkg's functions do what they say, from the archive in place of the network."""
    port = packages / "vcpkg" / "ports" / "openai-stream"
    manifest = json.loads((port / "vcpkg.json").read_text())
    assert manifest["name"] == port.name and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", port.name)
    assert re.fullmatch(SEMVER, manifest["version-semver"])
    assert {"vcpkg-cmake", "vcpkg-cmake-config"} == {d["name"] for d in manifest["dependencies"] if d["host"]}
    output(["cmake", f"-DPORT_FOLDER={port}", f"-DPORT={port.name}", f"-DARCHIVE_FOLDER={packages}",
            f"-DWORK={folder / 'vcpkg'}", "-P", INTERFACES / "vcpkg.cmake"])
    made = {path.relative_to(folder / "vcpkg/packages").as_posix() for path in (folder / "vcpkg/packages").rglob("*")
            if path.is_file() and path.suffix != ".cmake"}
    assert made == {"include/openai_stream.hpp", "share/openai-stream/copyright", "share/openai-stream/usage"}, made
    assert (folder / "vcpkg/packages/share/openai_stream/openai_stream-config.cmake").is_file()
    assert "openai_stream CONFIG" in (port / "usage").read_text()


def recipe_of(path):
    """The one ConanFile of a recipe, made by the stand-in for Conan."""
    sys.path.insert(0, str(INTERFACES / "conan"))
    spec = importlib.util.spec_from_file_location("recipe", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return next(value for name, value in vars(module).items() if name.endswith("Conan"))


def conan(packages, folder):
    """The recipe gets the archive, packages it, and says what users link."""
    recipe_of(packages / "conan" / "test_package" / "conanfile.py")
    make = recipe_of(packages / "conan" / "conanfile.py")
    assert make.package_type == "header-library" and re.fullmatch(r"[a-z0-9_][a-z0-9_+.-]{1,100}", make.name)
    recipe = make({"os": "Windows", "compiler.cppstd": "17"}, {"with_mbedtls": True})
    data = (packages / "conan" / "conandata.yml").read_text()
    fields = dict(re.findall(r'^ *(\w+): "(.+)"$', data, re.M))
    assert f'\n  "{recipe.version}":\n' in data
    recipe.conan_data = {"sources": {recipe.version: fields}}
    recipe.archives, recipe.source_folder, recipe.package_folder = packages, folder / "conan_s", folder / "conan_p"
    for step in (recipe.layout, recipe.validate, recipe.requirements, recipe.source, recipe.package,
                 recipe.package_info):
        step()
    assert (recipe.package_folder / "include/openai_stream.hpp").is_file()
    assert (recipe.package_folder / "licenses/LICENSE").is_file()
    targets = {part.properties["cmake_target_name"]: part for part in recipe.cpp_info.components.values()}
    assert targets.keys() == {f"openai_stream::{name}" for name in ("openai_stream", "socket", "mbedtls")}, targets
    assert targets["openai_stream::socket"].system_libs == ["ws2_32"]
    assert "mbedtls::mbedtls" in targets["openai_stream::mbedtls"].requires and recipe.required
    assert not any(part.libdirs or part.bindirs for part in targets.values())
    try:
        make({"compiler.cppstd": "14"}, {}).validate()
    except ValueError:
        return
    raise AssertionError("it takes C++14")


def main():
    result = Result()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        packages = packed(folder / "packages")
        has_cmake = shutil.which("cmake") is not None
        for test, needs_cmake in ((arduino, False), (platformio, False), (esp_idf, True), (zephyr, True), (vcpkg, True),
                                  (conan, False)):
            if needs_cmake and not has_cmake:
                result.skip(f"{test.__name__}: cmake is not there")
                continue
            result.run(test.__name__, test, packages, folder)
    if not shutil.which(ARM[0]):
        result.skip(f"packages for boards on a Cortex-M3: {ARM[0]} is not there")
    for what in NOT_RUN:
        result.skip(what)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
