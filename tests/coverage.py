#!/usr/bin/env python3
"""Which branches of src/ its tests take: python3 tests/coverage.py [FOLDER ...]   (base http sse json text dialect
request io c)

Compiles the tests of each folder by clang++ with its own coverage, runs them, and prints for each folder of src/ how
many branches were taken both ways by the tests of that folder, and by those of ALSO. A branch that was not stands in
tests/coverage.jsonl with the reason, or is listed, and the end is 1. There, "source" is the line; a "pattern" in its
place matches all of the line, and no "file" is any file: these are reasons of a kind. "at" is what the branch begins
with, if the line has several; "way" is the one that is not taken, "so" or "not so"."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get('BUILD_DIR', ROOT / 'build')) / 'coverage'
SUPPORT = ['main.cpp', 'corpus.cpp', 'guard_page.cpp', 'heap_trap.cpp']
TESTED_ELSEWHERE = {'base/pieces.hpp': 'request', 'base/delay.hpp': 'io'}
# Other tests that a folder's branches are taken by: an event that comes in parts needs who lends the buffer, and what
# the functions of a transport say is the base of much.
ALSO = {'dialect': 'io/responses_*_test.cpp', 'io': 'base/transport_test.cpp'}
FOLDERS = ['base', 'http', 'sse', 'json', 'text', 'dialect', 'request', 'io', 'c']  # those that have been worked through
NEED_TLS = re.compile('tls_.*_test.cpp')


def tool(name):
    """The compiler and its tools have to be of one version."""
    for version in ('', '-19', '-18', '-17', '-16', '-15', '-14'):
        if all(shutil.which(n + version) for n in ('clang++', 'llvm-cov', 'llvm-profdata')):
            return name + version
    print('SKIPPED: coverage: clang++ with llvm-cov and llvm-profdata is not there (apt-get install clang llvm)')
    print('0 passed, 0 failed, 1 skipped')
    sys.exit(0)


def compiled(source):
    target = BUILD / 'objects' / (source.parent.name + '_' + source.stem + '.o')
    depends = target.with_suffix('.d')
    if target.exists() and depends.exists():
        files = depends.read_text().replace('\\\n', ' ').split(':', 1)[1].split()
        if all(os.path.exists(f) and os.path.getmtime(f) <= target.stat().st_mtime for f in files):
            return target
    version = re.search(r"version: '([^']+)'", (ROOT / 'meson.build').read_text()).group(1)
    language = ['-x', 'c', '-std=c99'] if source.suffix == '.c' else ['-std=c++17']
    subprocess.run([tool('clang++'), *language, '-O0', '-w', '-fprofile-instr-generate', '-fcoverage-mapping',
                    f'-I{ROOT}', f'-I{ROOT}/tests', '-DOPENAI_STREAM_TEST_MODULAR',
                    f'-DOPENAI_STREAM_TEST_VERSION="{version}"', f'-DOPENAI_STREAM_TEST_SOURCE_ROOT="{ROOT}"',
                    '-MMD', '-c', str(source), '-o', str(target)], check=True)
    return target


def measured(folder, jobs):
    """(file, line, column) -> [times it was so, times it was not]."""
    for name in ('objects', folder):
        (BUILD / name).mkdir(parents=True, exist_ok=True)
    sources = sorted((ROOT / 'tests').glob(ALSO[folder])) if folder in ALSO else []
    sources += sorted(p for p in (ROOT / 'tests' / folder).glob('*_test.cpp') if not NEED_TLS.match(p.name))
    sources += sorted((ROOT / 'tests' / folder).glob('*.c'))
    sources += [ROOT / 'tests/support' / s for s in SUPPORT]
    with ThreadPoolExecutor(jobs) as pool:
        objects = [str(o) for o in pool.map(compiled, sources)]
    program, raw, profile = (str(BUILD / folder / n) for n in ('tests', 'raw', 'profile'))
    subprocess.run([tool('clang++'), '-fprofile-instr-generate', *objects, '-o', program, '-lpthread'], check=True)
    done = subprocess.run([program], env=dict(os.environ, LLVM_PROFILE_FILE=raw, OPENAI_STREAM_TEST_CUTS='few'),
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f'FAILED: the tests of {folder}:\n{done.stdout[-3000:]}')
    subprocess.run([tool('llvm-profdata'), 'merge', '-sparse', raw, '-o', profile], check=True)
    data = json.loads(subprocess.run([tool('llvm-cov'), 'export', program, f'-instr-profile={profile}',
                                      '--skip-functions=false', str(ROOT / 'src')],
                                     capture_output=True, text=True, check=True).stdout)['data'][0]
    found = {}
    for function in data['functions']:
        for line, column, _, _, yes, no, at, *_ in function.get('branches', []):
            name = os.path.realpath(function['filenames'][at])
            if name.startswith(str(ROOT / 'src') + '/'):
                counts = found.setdefault((name[len(str(ROOT / 'src')) + 1:], line, column), [0, 0])
                counts[0] += yes
                counts[1] += no
    return found


def is_of(row, name, line, column, way):
    """The row of tests/coverage.jsonl is the reason why this way of a branch is not taken."""
    source = line.strip()
    if not ('pattern' in row and re.fullmatch(row['pattern'], source)) and row.get('source') != source:
        return False
    return (row.get('file', name) == name and row.get('way', way) == way
            and line[column - 1:].startswith(row.get('at', '')))


def main():
    folders = sys.argv[1:] or FOLDERS
    jobs = int(os.environ.get('JOBS', '2'))
    named = [json.loads(line) for line in (ROOT / 'tests/coverage.jsonl').read_text().splitlines()]
    used, listed, failed = set(), [], 0
    total = [0, 0, 0]
    table = []
    for folder in folders:
        found = measured(folder, jobs)
        taken = explained = missing = 0
        texts = {}
        for (name, line, column), counts in sorted(found.items()):
            if name.split('/')[0] != folder or TESTED_ELSEWHERE.get(name, folder) != folder:
                continue
            if name not in texts:
                texts[name] = (ROOT / 'src' / name).read_text().split('\n')
            text = texts[name][line - 1]
            source = text.strip()
            for way, count in (('so', counts[0]), ('not so', counts[1])):
                reasons = [n for n, row in enumerate(named) if is_of(row, name, text, column, way)]
                if count:
                    taken += 1
                elif reasons:
                    explained += 1
                    used.update(reasons)
                else:
                    missing += 1
                    listed.append(f'{name}:{line}:{column}: never {way}: {source}')
        table.append((folder, taken, explained, missing))
    for line in listed:
        print(line)
    for number, row in enumerate(named):
        of = [row['file'].split('/')[0]] if 'file' in row else FOLDERS
        if number not in used and set(of) <= set(folders):
            listed.append('')
            print(f'tests/coverage.jsonl: all branches are taken, or gone: line {number + 1}: '
                  f'{row.get("file", "")} {row.get("source") or row["pattern"]}')
    print(f'{"folder":10} {"branches":>8} {"taken":>8} {"explained":>10} {"missing":>8}  taken of what can be')
    for folder, taken, explained, missing in table:
        print(f'{folder:10} {taken + explained + missing:8} {taken:8} {explained:10} {missing:8}  '
              f'{100 * taken / max(1, taken + missing):.1f} %')
    print(f'{sum(row[1] for row in table)} passed, {len(listed)} failed')
    return 1 if listed else 0


if __name__ == '__main__':
    sys.exit(main())
