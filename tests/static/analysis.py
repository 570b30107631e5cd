#!/usr/bin/env python3
"""What static analysis says of src/: python3 tests/static/analysis.py

clang-tidy (bugprone, cert, clang-analyzer), cppcheck (warning, performance, portability) and g++ -fanalyzer read all of
it, with Socket. A finding is mended, or stands in accepted.jsonl with the reason; a reason that nothing needs any more
is a failure as well. A tool that is not there is skipped, aloud."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get('BUILD_DIR', ROOT / 'build')) / 'static'
DEFINES = ['-DOPENAI_STREAM_SOCKET']


def clang_tidy():
    # Not the padding of structs: their members stand in the order of the API's pages.
    checks = '-*,bugprone-*,cert-*,clang-analyzer-*,-clang-analyzer-optin.performance.Padding'
    done = subprocess.run(['clang-tidy', 'src/all.hpp', '--quiet', f'--checks={checks}',
                           '--header-filter=.*/src/.*', '--', '-x', 'c++', '-std=c++17', *DEFINES], cwd=ROOT,
                          capture_output=True, text=True)
    if re.search(r'^error:|: error:', done.stdout + done.stderr, re.M):
        sys.exit(f'FAILED: clang-tidy: {(done.stdout + done.stderr)[:3000]}')
    for path, line, words, checks in re.findall(r'^(\S+):(\d+):\d+: warning: ((?:.*\n){0,2}?.*?) ?\[([\w.,-]+)\]$',
                                                 done.stdout, re.M):
        yield checks.split(',')[0], os.path.relpath(os.path.realpath(ROOT / path), ROOT / 'src'), line, words


def cppcheck():
    done = subprocess.run(['cppcheck', '--std=c++17', '--language=c++', '--enable=warning,performance,portability',
                           '-D__GNUC__=12', '-D__SSE2__=1', '-D__x86_64__=1', '-D__linux__=1', *DEFINES,
                           '--template={file}:{line}: {id}: {message}', '-q', 'src/all.hpp'], cwd=ROOT,
                          capture_output=True, text=True)
    for path, line, check, words in re.findall(r'^(\S+):(\d+): (\w+): (.*)$', done.stderr, re.M):
        yield check, os.path.relpath(ROOT / path, ROOT / 'src'), line, words


def analyzer():
    BUILD.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(['g++', '-std=c++17', '-fanalyzer', '-O1', '-c', *DEFINES, f'-I{ROOT}', '-o', '/dev/null',
                           str(ROOT / 'tests/contract/warnings/hosted.cpp')], capture_output=True, text=True)
    for path, line, words, check in re.findall(r'^(\S+?):(\d+):\d+: warning: (.*) \[-W([\w=-]+)\]$', done.stderr, re.M):
        yield check, os.path.basename(path), line, words


TOOLS = {'clang-tidy': ('clang-tidy', clang_tidy), 'cppcheck': ('cppcheck', cppcheck),
         'g++ -fanalyzer': ('g++', analyzer)}  # name: (command, what asks it)


def findings():
    """Of each tool: (tool, check, file, line, words); or (tool, None): it is not there. Each tool takes one processor, so
    they run at the same time."""
    with ThreadPoolExecutor(min(len(TOOLS), os.cpu_count() or 1)) as pool:
        said = {tool: pool.submit(lambda ask=ask: list(ask())) if shutil.which(command) else None
                for tool, (command, ask) in TOOLS.items()}
        for tool, found in said.items():
            if found is None:
                yield tool, None
            else:
                yield from ((tool, *what) for what in found.result())


def main():
    accepted = [json.loads(line) for line in (HERE / 'accepted.jsonl').read_text().splitlines()]
    used, tools, failed, skipped, count = set(), set(), 0, 0, 0
    for tool, check, *where in findings():
        if check is None:
            print(f'SKIPPED: {tool} is not there')
            skipped += 1
            tools.discard(tool)
            continue
        tools.add(tool)
        for place, row in enumerate(accepted):
            if (row['tool'], row['check']) == (tool, check) and row.get('file', where[0]) == where[0]:
                used.add(place)
                count += 1
                break
        else:
            print(f'{tool}: src/{where[0]}:{where[1]}: {check}: {where[2]}')
            failed += 1
    for place, row in enumerate(accepted):
        if place not in used and row['tool'] in tools:
            print(f'accepted.jsonl: nothing says this any more: {row}')
            failed += 1
    print(f'{count} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
