#!/usr/bin/env python3
"""Programs outside of this tree that get the library by CMake, meson or pkg-config.

    consumers_test.py [--only NAME] COMPILER [ARGUMENT...]

Each consumers/FOLDER is what its user writes; main.cpp and main_tls.cpp are their programs. They are built in a
temporary directory from the packages that pack.py makes, ask a server and print its answer.
"""
import functools
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

from packaged import CONSUMERS, ROOT, output, packed
from support import Recorder, Result, match

ONLY = sys.argv[2] if sys.argv[1] == "--only" else ""  # only tests whose name has this in it
COMPILER = sys.argv[3:] if ONLY else sys.argv[1:]
MINGW = "x86_64-w64-mingw32-g++-posix"
ENVIRONMENT = dict(os.environ, CXX=shlex.join(COMPILER))
# What a system has by itself is not looked at.
NO_SYSTEM = "set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)\nset(CMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH OFF)\n"
# An mbedTLS that CMake knows by a package, as 3.0 and later are. That it is this one tells the macro.
MBEDTLS_PACKAGE = """
add_library(MbedTLS::mbedtls INTERFACE IMPORTED)
set_target_properties(MbedTLS::mbedtls PROPERTIES
    INTERFACE_COMPILE_DEFINITIONS MBEDTLS_OF_PACKAGE INTERFACE_LINK_LIBRARIES "mbedtls;mbedx509;mbedcrypto")
"""
TLS_BELOW = """
cmake_minimum_required(VERSION 3.16)
project(consumer CXX)
add_subdirectory("${OPENAI_STREAM_SOURCE}" openai_stream)
add_executable(consumer "${MAIN}")
target_link_libraries(consumer PRIVATE openai_stream::socket openai_stream::mbedtls)
get_target_property(libraries openai_stream::mbedtls INTERFACE_LINK_LIBRARIES)
message(STATUS "mbedTLS is ${libraries}")
"""


class Workshop:
    def __init__(self, folder):
        self.folder = folder
        self.packages = packed(folder / "packages")
        self.source = self.packages / "source"
        shutil.copytree(CONSUMERS, folder / "consumers")

    @functools.cached_property
    def prefix(self):
        """Where CMake has installed the archive of a release."""
        shutil.unpack_archive(next(self.packages.glob("*.tar.gz")), self.folder / "release")
        _, build = self.configured(next((self.folder / "release").iterdir()))
        output(["cmake", "--install", build, "--prefix", self.folder / "prefix"])
        return self.folder / "prefix"

    def configured(self, source, *options):
        """What CMake says of a project, and where it will be built."""
        build = self.folder / f"build_{len(list(self.folder.iterdir()))}"
        said = output(["cmake", "-S", source, "-B", build, "-G", "Ninja", *options], env=ENVIRONMENT)
        return said, build

    def built(self, name, *options):
        """The program of consumers/NAME, by CMake, without a warning."""
        strict = "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"
        _, build = self.configured(self.folder / "consumers" / name, strict, *options)
        output(["cmake", "--build", build])
        return build / "consumer"

    def refused(self, text, why, *options):
        """A project that CMake must not configure."""
        project = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        (project / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.16)\nproject(consumer CXX)\n" + text)
        done = subprocess.run(["cmake", "-S", project, "-B", project / "build", "-G", "Ninja", *options],
                              capture_output=True, text=True, env=ENVIRONMENT)
        assert done.returncode != 0, "it configures"
        match(why, " ".join(done.stderr.split()))


def asks(program):
    with Recorder("Hello from outside.") as server:
        assert output([program, server.url]) == "Hello from outside."
        assert len(server.requests) == 1


def speaks_tls(program):
    """As far as it goes without a server: the reason is one of this library's."""
    done = subprocess.run([program, "https://127.0.0.1:1/v1"], capture_output=True, text=True)
    match("could not be made .*127.0.0.1:1", done.stdout)


def subdirectory(shop):
    (shop.folder / "consumers/cmake_subdirectory/openai_stream").symlink_to(ROOT, target_is_directory=True)
    asks(shop.built("cmake_subdirectory", "-DCMAKE_CXX_STANDARD=14"))


def fetch_content(shop):
    asks(shop.built("cmake_fetchcontent", f"-DOPENAI_STREAM_SOURCE={shop.source}"))


def installed(shop):
    asks(shop.built("cmake_find_package", f"-DCMAKE_PREFIX_PATH={shop.prefix}"))


def part_of_an_installation(shop):
    """A project that has this one below installs nothing of it."""
    _, build = shop.configured(shop.folder / "consumers/cmake_fetchcontent", f"-DOPENAI_STREAM_SOURCE={shop.source}")
    output(["cmake", "--install", build, "--prefix", shop.folder / "nothing"])
    assert not (shop.folder / "nothing" / "include").exists()


def another_version(shop):
    shop.refused("find_package(openai_stream 99.0 REQUIRED)", 'compatible with requested version "99.0"',
                 f"-DCMAKE_PREFIX_PATH={shop.prefix}")


def another_component(shop):
    shop.refused("find_package(openai_stream REQUIRED COMPONENTS sockets)", "has no component sockets",
                 f"-DCMAKE_PREFIX_PATH={shop.prefix}")


def no_mbedtls(shop):
    shop.refused(NO_SYSTEM + "find_package(openai_stream REQUIRED COMPONENTS mbedtls)", "mbedtls needs mbedTLS",
                 f"-DCMAKE_PREFIX_PATH={shop.prefix}")


def mbedtls_of_the_system(shop):
    speaks_tls(shop.built("cmake_mbedtls", f"-DCMAKE_PREFIX_PATH={shop.prefix}"))


def mbedtls_of_a_package(shop):
    """Found by add_subdirectory(), and seen above."""
    prefix, project = shop.folder / "with_package", shop.folder / "tls_below"
    (prefix / "lib/cmake/MbedTLS").mkdir(parents=True)
    (prefix / "lib/cmake/MbedTLS/MbedTLSConfig.cmake").write_text(MBEDTLS_PACKAGE)
    project.mkdir()
    (project / "CMakeLists.txt").write_text(TLS_BELOW)
    said, build = shop.configured(project, f"-DCMAKE_PREFIX_PATH={prefix}", f"-DOPENAI_STREAM_SOURCE={shop.source}",
                                  f"-DMAIN={CONSUMERS / 'main_tls.cpp'}")
    match("mbedTLS is .*MbedTLS::mbedtls", said)
    output(["cmake", "--build", build])
    speaks_tls(build / "consumer")


def windows(shop):
    """What Windows links is named by the target alone."""
    build = shop.folder / "windows"
    output(["cmake", "-S", shop.folder / "consumers/cmake_fetchcontent", "-B", build, "-G", "Ninja",
            "-DCMAKE_SYSTEM_NAME=Windows", f"-DCMAKE_CXX_COMPILER={MINGW}", f"-DOPENAI_STREAM_SOURCE={shop.source}",
            "-DCMAKE_CXX_STANDARD_LIBRARIES="])
    output(["cmake", "--build", build])
    assert (build / "consumer.exe").exists()


def meson_wrap(shop):
    """The archive lies where meson keeps what it has fetched."""
    consumer = shop.folder / "consumers" / "meson_subproject"
    (consumer / "subprojects" / "packagecache").mkdir(parents=True)
    shutil.copy(shop.packages / "meson" / "openai_stream.wrap", consumer / "subprojects")
    shutil.copy(next(shop.packages.glob("*.tar.gz")), consumer / "subprojects" / "packagecache")
    shutil.copy(CONSUMERS / "main.cpp", consumer)
    output(["meson", "setup", "build", "--wrap-mode=forcefallback"], cwd=consumer, env=ENVIRONMENT)
    output(["ninja", "-C", "build"], cwd=consumer)
    asks(consumer / "build" / "consumer")


def pkg_config(shop):
    prefix, build = shop.folder / "meson_prefix", shop.folder / "meson_build"
    output(["meson", "setup", build, shop.source, f"--prefix={prefix}"], env=ENVIRONMENT)
    output(["meson", "install", "-C", build])
    environment = dict(os.environ, PKG_CONFIG_PATH=f"{prefix}/share/pkgconfig:{prefix}/lib/pkgconfig")
    version = output(["pkg-config", "--modversion", "openai_stream"], env=environment).strip()
    assert next(shop.packages.glob("*.tar.gz")).name == f"openai_stream-{version}.tar.gz", version
    options = output(["pkg-config", "--cflags", "--libs", "openai_stream"], env=environment).split()
    output([*COMPILER, "-std=c++17", CONSUMERS / "main.cpp", "-o", shop.folder / "by_pkg_config", *options])
    asks(shop.folder / "by_pkg_config")


def has_mbedtls(_):
    source = "#include <mbedtls/ssl.h>\n"
    compiled = subprocess.run([*COMPILER, "-fsyntax-only", "-x", "c++", "-"], input=source, text=True,
                              capture_output=True)
    return compiled.returncode == 0 and shutil.which("cmake")


# name, test, what it needs, whether that is there
ROWS = (
    ("CMake: add_subdirectory(), below a project in C++14", subdirectory, "cmake", shutil.which),
    ("CMake: FetchContent", fetch_content, "cmake", shutil.which),
    ("CMake: installed, find_package()", installed, "cmake", shutil.which),
    ("CMake: a project above installs nothing of ours", part_of_an_installation, "cmake", shutil.which),
    ("CMake: a version that is not compatible is not found", another_version, "cmake", shutil.which),
    ("CMake: a component that there is not", another_component, "cmake", shutil.which),
    ("CMake: no mbedTLS, said in words", no_mbedtls, "cmake", shutil.which),
    ("CMake: mbedTLS of the system", mbedtls_of_the_system, "mbedTLS", has_mbedtls),
    ("CMake: mbedTLS by its own package", mbedtls_of_a_package, "mbedTLS", has_mbedtls),
    ("CMake: what Windows links", windows, MINGW, lambda _: shutil.which("cmake") and shutil.which(MINGW)),
    ("meson: a wrap", meson_wrap, "meson", shutil.which),
    ("meson: installed, pkg-config", pkg_config, "pkg-config", shutil.which),
)


def main():
    result = Result()
    with tempfile.TemporaryDirectory() as folder:
        shop = Workshop(pathlib.Path(folder))
        for name, test, tool, is_there in ROWS:
            if ONLY not in name:
                continue
            if is_there(tool):
                result.run(name, test, shop)
            else:
                result.skip(f"{name}: {tool} is not there")
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
