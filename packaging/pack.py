#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the package of each build system and package manager from the one header.

    pack.py FOLDER                   all packages, each in a folder of FOLDER, and the archive that some of them fetch
    pack.py --release FOLDER         the same for a release: at first says what this tree lacks for one, and stops there
    pack.py ... --home URL           the project's address, where project.json has none

A package is a folder beside this script. Its files are copied; NAME.link holds the path, from the root of the tree, of
the file that stands in the package as NAME. @WORDS@ in what is copied are filled in: those of project.json, VERSION of
the header, and ARCHIVE, ARCHIVE_URL, SHA256, SHA512 of the archive, which is the package `source`.

The same tree gives the same bytes: names in order, no dates, no owners. Nothing is fetched, and FOLDER has to be new.
"""
import argparse
import gzip
import hashlib
import io
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
NOT_PACKAGES = ("cmake", "__pycache__")  # files of a package; Python's own
ARCHIVED = "source"                      # the package that others fetch
ZIPPED = ("arduino",)                    # Arduino's "Add .ZIP Library"
NUMBER = re.compile(r"^#define OPENAI_STREAM_VERSION_(MAJOR|MINOR|PATCH) (\d+)$", re.MULTILINE)
WORD = re.compile(rb"@([A-Z0-9_]+)@")
UNKNOWN_HOME = "https://example.invalid/openai_stream"  # where nobody has said where the project lives
EPOCH = (1980, 1, 1, 0, 0, 0)                           # the oldest date that a zip can say


class Refused(Exception):
    """Why there is no package, in a sentence."""


def version_of(path):
    """The three numbers that a file defines, with points."""
    numbers = dict(NUMBER.findall((ROOT / path).read_text(encoding="ascii")))
    return ".".join(numbers.get(part, "?") for part in ("MAJOR", "MINOR", "PATCH"))


def filled(content, words, where):
    """The same with each @WORD@ replaced. A word that nobody knows is refused: it would be installed as it is."""
    def value(match):
        if match[1].decode() not in words:
            raise Refused(f"{where} has @{match[1].decode()}@, which nobody knows")
        return words[match[1].decode()].encode()
    return WORD.sub(value, content)


def files_of(package, words):
    """{path in the package: content}, in order."""
    files = {}
    for path in sorted((HERE / package).rglob("*")):
        where = path.relative_to(HERE / package).as_posix()
        if not path.is_file() or "__pycache__" in where:
            continue
        if path.suffix == ".link":
            target = path.read_text(encoding="ascii").strip()
            if not (ROOT / target).is_file():
                raise Refused(f"packaging/{package}/{where} names {target}, which is not there")
            content = (ROOT / target).read_bytes()
            if target.startswith("packaging/"):
                content = filled(content, words, target)
            files[where[: -len(".link")]] = content
        else:
            files[where] = filled(path.read_bytes(), words, f"packaging/{package}/{where}")
    return dict(sorted(files.items()))


def tar_gz(folder, files):
    """A .tar.gz whose files stand in one folder."""
    tape = io.BytesIO()
    with tarfile.open(fileobj=tape, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for where, content in files.items():
            entry = tarfile.TarInfo(f"{folder}/{where}")  # of nobody, at the time 0
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(tape.getvalue(), 9, mtime=0)


def zipped(folder, files):
    """A .zip whose files stand in one folder."""
    disk = io.BytesIO()
    with zipfile.ZipFile(disk, "w", zipfile.ZIP_DEFLATED) as archive:
        for where, content in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{where}", EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # Unix, whatever this machine is
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    return disk.getvalue()


def pack(home):
    """{path: content} of everything."""
    project = json.loads((HERE / "project.json").read_text(encoding="ascii"))
    words = {name.upper(): value for name, value in project.items()}
    words["VERSION"] = version_of("openai_stream.hpp")
    words["HOME"] = home or project["home"] or UNKNOWN_HOME
    title = f"{words['NAME']}-{words['VERSION']}"
    words["ARCHIVE"] = title + ".tar.gz"
    words["ARCHIVE_URL"] = filled(words["ARCHIVE_URL"].encode(), words, "project.json").decode()

    packages = sorted(path.name for path in HERE.iterdir() if path.is_dir() and path.name not in NOT_PACKAGES)
    source = files_of(ARCHIVED, words)
    archive = tar_gz(title, source)
    words["SHA256"] = hashlib.sha256(archive).hexdigest()
    words["SHA512"] = hashlib.sha512(archive).hexdigest()

    made = {words["ARCHIVE"]: archive}
    for package in packages:
        files = source if package == ARCHIVED else files_of(package, words)
        made.update({f"{package}/{where}": content for where, content in files.items()})
        if package in ZIPPED:
            made[f"{title}-{package}.zip"] = zipped(words["NAME"], files)
    sums = {where: content for where, content in made.items() if "/" not in where}
    made["SHA256SUMS"] = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {where}\n" for where, content in sorted(sums.items())
    ).encode()
    return made


def said_by(*command):
    """What a command says, or an empty text if it fails or is not there."""
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def release_problems(home):
    """What this tree lacks for a release, one sentence each."""
    version = version_of("src/base/version.hpp")
    if version_of("openai_stream.hpp") != version:
        yield f"openai_stream.hpp says {version_of('openai_stream.hpp')}, src/base/version.hpp {version}"
    check = subprocess.run([sys.executable, ROOT / "amalgamate.py", "--check"], capture_output=True, text=True)
    if check.returncode != 0:
        yield "openai_stream.hpp is not what src/ says: " + check.stdout.strip().split("\n")[0]
    meson = re.search(r"^\s*version: '([^']+)'", (ROOT / "meson.build").read_text(encoding="ascii"), re.MULTILINE)
    if not meson or meson[1] != version:
        yield f"meson.build says {meson[1] if meson else 'no version'}, src/base/version.hpp {version}"
    heading = re.search(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="ascii"), re.MULTILINE)
    if not heading or not re.fullmatch(rf"{re.escape(version)} \(\d\d\d\d-\d\d-\d\d\)", heading[1]):
        yield (f"CHANGELOG.md begins with '{heading[1] if heading else ''}', "
               f"a release with '{version} (YYYY-MM-DD)'")
    if not home and not json.loads((HERE / "project.json").read_text(encoding="ascii"))["home"]:
        yield "packaging/project.json has no home: the address that packages fetch from (or --home URL)"
    changed = said_by("git", "status", "--porcelain")
    if changed:
        yield f"{len(changed.splitlines())} files differ from the last commit, the first: {changed.split()[1]}"
    if said_by("git", "tag", "--list", f"v{version}") and \
            said_by("git", "rev-list", "-n1", f"v{version}") != said_by("git", "rev-parse", "HEAD"):
        yield f"v{version} is the tag of another commit: raise src/base/version.hpp"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="where to; must not exist")
    parser.add_argument("--release", action="store_true", help="refuse what cannot be released")
    parser.add_argument("--home", help="the project's address")
    options = parser.parse_args()
    if options.release:
        problems = list(release_problems(options.home))
        for problem in problems:
            print(f"not ready: {problem}")
        if problems:
            return 1
    try:
        made = pack(options.home)
        if options.folder.exists():
            raise Refused(f"{options.folder} exists")
    except Refused as why:
        print(f"nothing packed: {why}")
        return 1
    for where, content in made.items():
        target = options.folder / where
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    print(made["SHA256SUMS"].decode(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
