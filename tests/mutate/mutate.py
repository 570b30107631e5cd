#!/usr/bin/env python3
"""Changes src/ in thousands of small ways and looks whether a test notices.

    python3 tests/mutate/mutate.py                    every mutant of every folder: hours
    python3 tests/mutate/mutate.py base http          of these folders, or of single files: http/chunked.hpp
    python3 tests/mutate/mutate.py json --sample 200  so many of each folder, always the same ones
    python3 tests/mutate/mutate.py http json:200      the same, of one folder
    python3 tests/mutate/mutate.py json --seconds 300 those for which there is time
    python3 tests/mutate/mutate.py json --again       who survived before, after tests were added

A comparison gets or loses its equal case, an operand of && or || is true or false, a condition is turned round, a
statement is left out, a literal or a sum is one off. All mutants of a folder are compiled at once, each behind a switch
(switch.hpp), and the test program of the folder runs once for each with that one on: it fails, crashes or takes
twice as many steps, or the mutant survives; then it meets the same tests in a build for size, if its file has
anything of one, and those of whole conversations (tests/io). What the compiler computes (tables, constants, case
labels) is not changed.

Prints the score of each folder and who survived; ends with 1 if one did that equivalent.jsonl does not name. A result
is kept in build/mutate/ until the file of src/ or a test of the program changes."""
import argparse
import hashlib
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import time

import sites

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get('BUILD_DIR', ROOT / 'build')) / 'mutate'
FOLDERS = ['base', 'http', 'sse', 'json', 'dialect', 'request', 'text', 'io', 'platform']
# Which tests have to notice, where it is not those of the folder.
TESTED_BY = {
    'base/pieces.hpp': 'request',
}
FOR_SIZE = re.compile(r'is_small_build|Of<true>')  # in files that are something else in a build for size
# Whose survivors meet the tests of tests/io, too.
READ_BY_IO = ['base', 'http', 'sse', 'json', 'dialect', 'request']
COUNTED_AS = {'base/delay.hpp': 'io'}  # what io's tests alone look at
SUPPORT = ['main.cpp', 'corpus.cpp', 'guard_page.cpp', 'heap_trap.cpp']
NOT_RUN = {
    'zero_heap_test.cpp': 'the switches are a program\'s own business',
    'tls_parts_test.cpp': 'needs mbedTLS', 'tls_test.cpp': 'needs mbedTLS', 'tls_certificates_test.cpp': 'needs mbedTLS',
}
NOT_CHANGED = re.compile(r'platform/(tls|mbedtls|wrapping|socket_winsock)')  # by tests that need mbedTLS, or Windows


def digest(*parts):
    value = hashlib.sha256()
    for part in parts:
        value.update(part if isinstance(part, bytes) else str(part).encode())
        value.update(b'\0')
    return value.hexdigest()[:16]


class Mutant:
    def __init__(self, number, name, site, text, ordinal):
        self.number, self.name, self.site = number, name, site
        self.line = text.count('\n', 0, site.at) + 1
        self.source = text.split('\n')[self.line - 1].strip()
        self.key = digest(name, site.kind, self.source, site.before, site.after, ordinal)
        self.row = name, self.source, site.kind, site.before, ordinal  # its name in equivalent.jsonl

    def __str__(self):
        return f'{self.name}:{self.line}: {self.site.kind} "{self.site.before}" -> {self.site.after}'


def compiled_lines():
    """(file, line) of what the compiler here sees: not the branches of #if for other machines and builds."""
    done = subprocess.run([os.environ.get('CXX', 'c++'), '-std=c++17', '-E', '-x', 'c++', '-'], text=True,
                          input=f'#define OPENAI_STREAM_SOCKET\n#include "{ROOT}/src/all.hpp"\n', check=True,
                          stdout=subprocess.PIPE)
    lines, name, number = set(), None, 0
    for text in done.stdout.split('\n'):
        mark = re.match(r'# (\d+) "([^"]*)"', text)
        if mark:
            number = int(mark.group(1))
            name = re.sub(r'.*/src/', '', os.path.normpath(mark.group(2))) if '/src/' in mark.group(2) else None
            continue
        if name and text.strip():
            lines.add((name, number))
        number += 1
    return lines


def mutants_of(names):
    found, number, here = [], 0, compiled_lines()
    for name in names:
        text = (ROOT / 'src' / name).read_text()
        seen = {}
        for site in sites.sites_of(text):
            number += 1
            line = text.count('\n', 0, site.at)
            same = (text.split('\n')[line].strip(), site.kind, site.before)
            seen[same] = seen.get(same, 0) + 1
            mutant = Mutant(number, name, site, text, seen[same])
            if (name, mutant.line) in here:
                found.append(mutant)
    return found


class Program:
    """A folder's tests, with the mutants of some files of src/ in it."""

    def __init__(self, name, names, of=None, arguments=()):
        self.name, self.names, self.arguments = name, names, arguments
        self.place = BUILD / f'{name}_of_{of or names[0].split("/")[0]}'
        self.tests = sorted(p for p in (ROOT / 'tests' / name).glob('*_test.cpp') if p.name not in NOT_RUN)
        helpers = sorted((ROOT / 'tests' / name).glob('*.hpp')) + sorted((ROOT / 'tests/support').glob('*'))
        self.tests_digest = digest(*arguments, *(p.read_bytes() for p in self.tests + helpers))
        self.dropped = []

    def write(self, mutants):
        """The tree it is compiled in: src/ with switches, and copies of the tests. Only what changed is touched."""
        def put(path, text):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_text() != text:
                path.write_text(text)
        for source in (ROOT / 'src').rglob('*.hpp'):
            name = str(source.relative_to(ROOT / 'src'))
            text = source.read_text()
            chosen = [(m.number, m.site) for m in mutants if m.name == name]
            put(self.place / 'src' / name, sites.switched(text, chosen) if chosen else text)
        support = [ROOT / 'tests/support' / s for s in SUPPORT]
        for source in list((ROOT / 'tests').glob('*/*.hpp')) + self.tests + support:
            put(self.place / source.relative_to(ROOT), source.read_text())

    def command(self):
        return [os.environ.get('CXX', 'c++'), '-std=c++17', '-O0', '-w', '-fmax-errors=40', f'-I{self.place}',
                f'-I{self.place}/tests', *self.arguments, '-include', str(ROOT / 'tests/mutate/switch.hpp'),
                '-DOPENAI_STREAM_TEST_MODULAR', '-DOPENAI_STREAM_TEST_VERSION="' + version() + '"',
                f'-DOPENAI_STREAM_TEST_SOURCE_ROOT="{ROOT}"']

    def build(self, mutants):
        """Compiles, without the mutants that do not compile; their place is that of the error."""
        while True:
            self.write(mutants)
            errors = ''
            for source in [self.place / 'tests/support' / s for s in SUPPORT] + \
                    [self.place / p.relative_to(ROOT) for p in self.tests]:
                target = source.with_suffix('.o')
                depends = target.with_suffix('.d')
                if target.exists() and depends.exists():
                    files = re.sub(r'\\\n', ' ', depends.read_text()).split(':', 1)[1].split()
                    if all(os.path.exists(f) and os.path.getmtime(f) <= target.stat().st_mtime for f in files):
                        continue
                done = subprocess.run(self.command() + ['-MMD', '-c', str(source), '-o', str(target)],
                                      capture_output=True, text=True)
                if done.returncode != 0:
                    target.unlink(missing_ok=True)
                    errors = done.stderr
                    break
            if not errors:
                break
            lines = set(re.findall(r'/src/(\S+?\.hpp):(\d+):\d+: (?:error|  ?required from)', errors))
            bad = [m for m in mutants if (m.name, str(m.line)) in lines]
            if not bad:
                sys.exit(f'FAILED: {self.name} does not compile:\n{errors[:4000]}')
            self.dropped += bad
            mutants = [m for m in mutants if m not in bad]
        objects = [str(p) for p in (self.place / 'tests').rglob('*.o')]
        subprocess.run([os.environ.get('CXX', 'c++'), *objects, '-o', str(self.place / 'program'), '-lpthread'],
                       check=True)
        return mutants

    def run(self, number, few, option, steps=None, seconds=600, reached=None):
        """Whether all tests pass. The seconds are for what waits, or loops where nothing is counted."""
        environment = dict(os.environ, MUTANT=str(number), OPENAI_STREAM_TEST_CUTS='few' if few else 'some')
        if reached:
            environment['MUTANT_REACHED'] = str(reached)
        if steps:
            environment['MUTANT_STEPS'] = str(steps)
        def limit():
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 26, 1 << 26))
        with open(self.place / 'output', 'wb') as output:
            process = subprocess.Popen([str(self.place / 'program'), '--abort-after=1', '--no-colors', option],
                                       env=environment, stdout=output, stderr=subprocess.DEVNULL, preexec_fn=limit,
                                       cwd=self.place)
        try:
            return process.wait(timeout=seconds * 10) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            try:
                os.killpg(process.pid, 9)
            except ProcessLookupError:
                pass
            process.wait()

    def slow_tests(self, seconds):
        """A filter for those that took longer in the run before; empty: none did."""
        found = re.findall(r'^([\d.]+) s: (.+)$', (self.place / 'output').read_text(errors='replace'), re.M)
        return ','.join(re.sub('[,\\\\"]', '?', name) for time, name in found if float(time) > seconds)


def version():
    return re.search(r"version: '([^']+)'", (ROOT / 'meson.build').read_text()).group(1)


def equivalents():
    """(file, line of source, kind, before, which of those in the file) -> why nothing can notice."""
    found = {}
    for line in (ROOT / 'tests/mutate/equivalent.jsonl').read_text().splitlines():
        row = json.loads(line)
        found[row['file'], row['source'], row['kind'], row['before'], row.get('nth', 1)] = row['why']
    return found


class Results:
    """Those of earlier runs, and of this one."""

    def __init__(self, seconds, again):
        self.again, self.fresh = again, {}
        self.at = BUILD / 'results.json'
        self.kept = json.loads(self.at.read_text()) if self.at.exists() else {}
        self.ends = time.time() + seconds if seconds else None

    def find(self, program, mutants, chosen, every_cut):
        """Sets the result of each mutant that was chosen; all mutants are compiled."""
        sources = {n: digest((ROOT / 'src' / n).read_bytes()) for n in program.names}
        def key(mutant):
            return digest(mutant.key, sources[mutant.name], program.tests_digest)
        def earlier(mutant):
            return digest(mutant.key, sources[mutant.name], program.name)
        if self.again:
            for mutant in chosen:
                if self.kept.get(earlier(mutant)) == 'killed':
                    self.fresh[key(mutant)] = self.kept[key(mutant)] = 'killed'
        if any(key(m) not in self.kept for m in chosen):
            print(f'{program.place.name}: compiling', file=sys.stderr, flush=True)
            compiled = set(m.number for m in program.build(mutants))
            reached_at = program.place / 'reached'
            reached = set()
            turns = []  # (few, a filter for tests, steps, seconds): the slow ones come last, most need none of them
            for few in (True, False) if every_cut else (True,):
                if not program.run(0, few, '--duration=true'):
                    sys.exit(f'FAILED: the tests of {program.name} fail without a mutant')
                slow = program.slow_tests(0.5)
                for tests in ['--test-case-exclude=' + slow, '--test-case=' + slow] if slow else ['--test-case=*']:
                    start = resource.getrusage(resource.RUSAGE_CHILDREN)
                    reached_at.unlink(missing_ok=True)
                    program.run(0, few, tests, reached=reached_at)
                    end = resource.getrusage(resource.RUSAGE_CHILDREN)
                    seconds = end.ru_utime - start.ru_utime + end.ru_stime - start.ru_stime
                    numbers = set(map(int, reached_at.read_text().split()))
                    reached |= numbers
                    turns.append((few, tests, 10**6 - 2 * min(numbers), 10 * seconds + 5))
            for place, mutant in enumerate(chosen):
                if key(mutant) in self.kept:
                    continue
                if self.ends and time.time() > self.ends:
                    break
                if mutant.number not in compiled:
                    result = 'dropped'
                elif mutant.number not in reached:
                    result = 'not reached'
                else:
                    lives = all(program.run(mutant.number, *turn) for turn in turns)
                    result = 'survived' if lives else 'killed'
                self.fresh[key(mutant)] = self.fresh[earlier(mutant)] = self.kept[key(mutant)] = result
                if place % 10 == 0:
                    print(f'{program.place.name}: {place} of {len(chosen)}', file=sys.stderr, flush=True)
                    self.keep()
            self.keep()
        for mutant in chosen:
            mutant.result = self.kept.get(key(mutant), 'left')

    def keep(self):
        earlier = json.loads(self.at.read_text()) if self.at.exists() else {}  # of another run at the same time
        self.at.write_text(json.dumps({**earlier, **self.fresh}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('what', nargs='*', help='folders (with :SAMPLE) or files of src/')
    parser.add_argument('--sample', type=int, help='so many mutants of each folder')
    parser.add_argument('--seconds', type=float, help='none is begun after so long')
    parser.add_argument('--own-tests', action='store_true', help='the tests of its folder alone')
    parser.add_argument('--again', action='store_true',
                        help='after tests were added: who was killed before is not run again')
    parser.add_argument('--every-cut', action='store_true', help='who survives few cuts meets all of them')
    parser.add_argument('--jsonl', action='store_true', help='survivors as lines for equivalent.jsonl')
    wishes = parser.parse_args()
    sizes = {what.partition(':')[0]: what.partition(':')[2] for what in wishes.what}
    BUILD.mkdir(parents=True, exist_ok=True)
    results = Results(wishes.seconds, wishes.again)
    named = equivalents()
    scores, tried, second = {}, [], []
    for folder in FOLDERS:
        names = sorted(str(p.relative_to(ROOT / 'src')) for p in (ROOT / 'src').glob('*/*.hpp'))
        names = [n for n in names if COUNTED_AS.get(n, n.split('/')[0]) == folder]
        names = [n for n in names if not NOT_CHANGED.match(n)]
        wanted = [n for n in names if not sizes or folder in sizes or n in sizes]
        if not wanted:
            continue
        for program_name in sorted({TESTED_BY.get(n, folder) for n in wanted}):
            mine = [n for n in names if TESTED_BY.get(n, folder) == program_name]
            mutants = mutants_of(mine)
            chosen = [m for m in mutants if m.name in wanted]
            sample = int(sizes.get(folder) or wishes.sample or 0)
            if sample:
                chosen = sorted(chosen, key=lambda m: m.key)[:sample]
            results.find(Program(program_name, mine), mutants, chosen, wishes.every_cut)
            left = [m for m in chosen if m.result in ('survived', 'not reached') and m.row not in named and
                    FOR_SIZE.search((ROOT / 'src' / m.name).read_text())]
            if left:
                before = {m: m.result for m in left}
                results.find(Program(program_name, sorted({m.name for m in left}), f'{folder}_for_size',
                                     ['-D__OPTIMIZE_SIZE__']), left, left, wishes.every_cut)
                for mutant in left:
                    mutant.result = {'killed': 'killed', 'left': 'left'}.get(mutant.result, before[mutant])
            tried += [(folder, m) for m in chosen]
            if folder in READ_BY_IO:
                second += [m for m in chosen if m.result in ('survived', 'not reached') and m.row not in named]
    if second and not wishes.own_tests:
        own = {m: (m.number, m.result) for m in second}
        for number, mutant in enumerate(second):
            mutant.number = number + 1
        results.find(Program('io', sorted({m.name for m in second}), 'survivors'), second, second, wishes.every_cut)
        for mutant, (_, before) in own.items():
            mutant.result = {'killed': 'killed by io', 'left': 'left'}.get(mutant.result, before)
    survivors = []
    for folder, mutant in tried:
        nothing = dict.fromkeys(['killed', 'by io', 'survived', 'equivalent', 'left', 'dropped'], 0)
        count = scores.setdefault(folder, nothing)
        result = mutant.result
        if result in ('survived', 'not reached'):
            if mutant.row not in named:
                survivors.append((mutant, result))
            result = 'equivalent' if mutant.row in named else 'survived'
        elif result == 'killed by io':
            count['by io'] += 1
            result = 'killed'
        elif result == 'killed' and mutant.row in named:
            print(f'equivalent.jsonl names one that a test notices: {mutant}\n    {mutant.source}')
        count[result] += 1
    for mutant, result in survivors:
        if wishes.jsonl:
            row = dict(zip(('file', 'source', 'kind', 'before', 'nth'), mutant.row), why='')
            print(json.dumps({k: v for k, v in row.items() if (k, v) != ('nth', 1)}))
        else:
            print(f'{result}: {mutant}\n    {mutant.source}')
    print(f'{"folder":10} {"mutants":>8} {"killed":>8} {"by io":>8} {"survived":>9} {"equivalent":>11} '
          f'{"not run":>8}  score')
    total = {}
    for folder, count in list(scores.items()) + [('all', total)]:
        for name, value in count.items():
            if count is not total:
                total[name] = total.get(name, 0) + value
        run = count['killed'] + count['survived']
        print(f'{folder:10} {run + count["equivalent"]:8} {count["killed"]:8} {count["by io"]:8} {count["survived"]:9} '
              f'{count["equivalent"]:11} {count["left"]:8}  {100 * count["killed"] / run if run else 0:.1f} %')
    if total['dropped']:
        print(f'{total["dropped"]} more do not compile')
    print(f'{total["killed"]} passed, {total["survived"]} failed')
    return 1 if survivors else 0


if __name__ == '__main__':
    sys.exit(main())
