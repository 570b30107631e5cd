#!/usr/bin/env python3
"""What packaging/pack.py makes and refuses: pack_test.py"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

from packaged import HOME, ROOT, output, packed
from support import Result, match


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same_bytes_again(one, folder):
    """In another folder, from a copy with other dates and modes, in another environment."""
    copy = folder / "copy"
    shutil.copytree(ROOT / "packaging", copy / "packaging")
    for name in ("openai_stream.hpp", "CMakeLists.txt", "meson.build", "meson_options.txt", "LICENSE", "README.md",
                 "CHANGELOG.md"):
        shutil.copyfile(ROOT / name, copy / name)
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    environment = dict(os.environ, TZ="Pacific/Kiritimati", LC_ALL="C", PYTHONHASHSEED="7")
    output([sys.executable, copy / "packaging" / "pack.py", folder / "again", "--home", HOME], env=environment)
    first, second = tree(one), tree(folder / "again")
    different = sorted(where for where in first.keys() | second.keys() if first.get(where) != second.get(where))
    assert not different, f"they differ: {different}"


def every_package_has_the_header(one):
    header = (ROOT / "openai_stream.hpp").read_bytes()
    copies = {path.relative_to(one).parts[0] for path in one.rglob("openai_stream.hpp")}
    assert copies == {"source", "arduino", "platformio", "esp-idf", "zephyr"}, copies
    assert all(path.read_bytes() == header for path in one.rglob("openai_stream.hpp"))


def nothing_is_left_to_fill_in(one):
    for where, content in tree(one).items():
        if not where.endswith((".hpp", ".gz", ".zip")):
            assert not re.search(rb"@[A-Z0-9_]+@", content), where
            assert not where.endswith(".link"), where


def archives_have_what_folders_have(one):
    title = next(one.glob("*.tar.gz")).name[: -len(".tar.gz")]
    with tarfile.open(one / f"{title}.tar.gz") as archive:
        files = {entry.name: archive.extractfile(entry).read() for entry in archive}
        owners = {(entry.mtime, entry.uid, entry.gid, entry.uname, entry.mode) for entry in archive}
    assert files == {f"{title}/{where}": content for where, content in tree(one / "source").items()}
    assert owners == {(0, 0, 0, "", 0o644)}, owners
    with zipfile.ZipFile(one / f"{title}-arduino.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files == {f"openai_stream/{where}": content for where, content in tree(one / "arduino").items()}


def sums_are_those_of_the_archives(one):
    for line in (one / "SHA256SUMS").read_text().splitlines():
        expected, where = line.split()
        assert hashlib.sha256((one / where).read_bytes()).hexdigest() == expected, where


def refuses(root, why, *options):
    done = subprocess.run([sys.executable, root / "packaging" / "pack.py", *options, root / "out"],
                          capture_output=True, text=True)
    assert done.returncode == 1, f"it packs: {done.stdout}{done.stderr}"
    match(re.escape(why), done.stdout)
    assert not (root / "out").exists(), "and it has packed something"


def copy_of_tree(folder):
    """What a release is made of, in a repository of its own, and ready."""
    for name in ("src", "packaging"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copyfile(path, folder / path.name)
    changes = folder / "CHANGELOG.md"
    changes.write_text(re.sub(r"^(## \S+) \(.*\)$", r"\1 (2026-01-31)", changes.read_text(), count=1, flags=re.M))
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "all"]):
        output(["git", "-C", folder, *words])
    return folder


def release_of(folder):
    output([sys.executable, folder / "packaging" / "pack.py", "--release", "--home", HOME, folder.parent / "released"])
    assert list((folder.parent / "released").glob("openai_stream-*.tar.gz"))


def not_ready(folder, where, before, after, why):
    """A tree in which one thing is wrong."""
    text = (folder / where).read_text()
    changed = re.sub(before, after, text, count=1, flags=re.M)
    assert changed != text, f"{before} is not in {where}"
    (folder / where).write_text(changed)
    try:
        refuses(folder, why, "--release", "--home", HOME)
    finally:
        (folder / where).write_text(text)


WRONG = (
    # what is wrong, file, expression, replacement, what is said
    ("a changelog without a date", "CHANGELOG.md", r"^(## \S+) .*$", r"\1 (unreleased)", "not ready: CHANGELOG.md"),
    ("a changelog of another version", "CHANGELOG.md", r"^## \S+", "## 9.9.9", "not ready: CHANGELOG.md"),
    ("another version in meson.build", "meson.build", r"version: '[^']+'", "version: '9.9.9'", "not ready: meson"),
    ("a stale header", "src/base/error.hpp", r"\n$", "\n// new\n", "not ready: openai_stream.hpp is not what src/"),
    ("src/ of another version", "src/base/version.hpp", r"PATCH \d+", "PATCH 999", "not ready: openai_stream.hpp says"),
    ("a change that is not committed", "README.md", r"\Z", "more\n", "not ready: 1 files differ"),
)


def main():
    result = Result()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        one = packed(folder / "one")
        result.run("the same tree gives the same bytes", same_bytes_again, one, folder)
        result.run("every package has the header, as it is", every_package_has_the_header, one)
        result.run("every word is filled in", nothing_is_left_to_fill_in, one)
        result.run("archives have what folders have, without dates and owners", archives_have_what_folders_have, one)
        result.run("SHA256SUMS", sums_are_those_of_the_archives, one)

        whole = copy_of_tree(folder / "tree")
        result.run("a tree that is ready is released", release_of, whole)
        for name, where, before, after, why in WRONG:
            result.run(f"no release with {name}", not_ready, whole, where, before, after, why)
        result.run("no release without a home", refuses, whole, "not ready: packaging/project.json has no home",
                   "--release")
        (whole / "packaging/conan/extra.txt").write_text("@NOBODY@\n")
        result.run("no package with a word that nobody knows", refuses, whole, "has @NOBODY@, which nobody knows")
        (whole / "packaging/conan/extra.txt").unlink()
        (whole / "packaging/conan/gone.txt.link").write_text("src/gone.hpp\n")
        result.run("no package without a file it names", refuses, whole, "names src/gone.hpp, which is not there")
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
