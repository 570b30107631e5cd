#!/usr/bin/env python3
"""Puts faults back that this library has had, or others like it, and looks which layer of the tests finds each.

    python3 tests/mutate/old_faults.py           all of old_faults.jsonl, a few minutes
    python3 tests/mutate/old_faults.py kept      those with this word

Each is one edit of a file of src/ and the layers that have to find it: a test file, a target of tests/fuzz over its
small corpus, a proof of tests/proofs, or a witness of tests/differential. A layer that cannot run here is skipped,
aloud. Ends with 1 if a fault is not found by one of its layers."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get('BUILD_DIR', ROOT / 'build')) / 'old_faults'
CXX = os.environ.get('CXX', 'c++')
SUPPORT = ['corpus.cpp', 'guard_page.cpp', 'heap_trap.cpp', 'main.cpp']
version = re.search(r"version: '([^']+)'", (ROOT / 'meson.build').read_text()).group(1)


def compile_and_run(tree, sources, arguments, program):
    flags = ['-std=c++17', '-O0', '-w', '-DOPENAI_STREAM_TEST_MODULAR', f'-I{tree}', f'-I{tree}/tests',
             f'-DOPENAI_STREAM_TEST_VERSION="{version}"', f'-DOPENAI_STREAM_TEST_SOURCE_ROOT="{ROOT}"']
    built = subprocess.run([CXX, *flags, *map(str, sources), '-o', str(program), '-lpthread'], capture_output=True,
                           text=True)
    if built.returncode != 0:
        sys.exit(f'FAILED: it does not compile:\n{built.stderr[:3000]}')
    try:
        return subprocess.run([str(program), *arguments], capture_output=True, timeout=600).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def support():
    """The objects that do not change, once."""
    objects = []
    for name in SUPPORT:
        target = BUILD / (name + '.o')
        source = ROOT / 'tests/support' / name
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            subprocess.run([CXX, '-std=c++17', '-O0', '-w', f'-I{ROOT}/tests', '-c', str(source), '-o', str(target),
                            f'-DOPENAI_STREAM_TEST_SOURCE_ROOT="{ROOT}"'], check=True)
        objects.append(target)
    return objects


def finds(layer, tree):
    """True, False, or why it cannot be said."""
    kind, _, name = layer.partition(':')
    if kind == 'proof':
        if not (os.environ.get('CBMC') or shutil.which('cbmc')):
            return 'there is no cbmc'
        done = subprocess.run([sys.executable, str(tree / 'tests/proofs/prove.py'), name], capture_output=True,
                              text=True, env=dict(os.environ, BUILD_DIR=str(BUILD)))
        return 'refuted' in done.stdout
    if kind == 'differential':
        if not shutil.which('node'):
            return 'there is no node'
        subprocess.run([sys.executable, str(tree / 'amalgamate.py')], check=True, capture_output=True)
        done = subprocess.run([sys.executable, str(tree / 'tests/differential/witness.py'), name], capture_output=True,
                              text=True, env=dict(os.environ, BUILD_DIR=str(BUILD)))
        return done.returncode != 0
    if layer.startswith('fuzz/'):
        corpus = tree / 'tests/fuzz/corpus' / (pathlib.Path(layer).stem + '.hex')
        return compile_and_run(tree, [tree / 'tests' / layer, tree / 'tests/fuzz/replayer.cpp',
                                      ROOT / 'tests/support/guard_page.cpp'], [str(corpus)], BUILD / 'program')
    return compile_and_run(tree, [tree / 'tests' / layer, *support()], [], BUILD / 'program')


def main():
    BUILD.mkdir(parents=True, exist_ok=True)
    passed = failed = skipped = 0
    tree = BUILD / 'tree'
    for line in (ROOT / 'tests/mutate/old_faults.jsonl').read_text().splitlines():
        row = json.loads(line)
        if not all(word in line for word in sys.argv[1:]):
            continue
        shutil.rmtree(tree, ignore_errors=True)
        for folder in ('src', 'tests'):
            shutil.copytree(ROOT / folder, tree / folder)
        for name in ('amalgamate.py', 'meson.build', 'LICENSE'):
            shutil.copy(ROOT / name, tree / name)
        path = tree / 'src' / row['file']
        text = path.read_text()
        if text.count(row['before']) != 1:
            sys.exit(f'FAILED: {row["file"]} has not once: {row["before"]}')
        path.write_text(text.replace(row['before'], row['after']))
        print(row['fault'], flush=True)
        for layer in row['layers']:
            found = finds(layer, tree)
            if isinstance(found, str):
                print(f'SKIPPED: {layer}: {found}')
                skipped += 1
            else:
                print(f'    {"found by" if found else "FAILED: not found by"} {layer}', flush=True)
                passed, failed = passed + found, failed + (not found)
    print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
