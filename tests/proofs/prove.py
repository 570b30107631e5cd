#!/usr/bin/env python3
"""Proofs by CBMC: python3 tests/proofs/prove.py [--break] [--seconds N] [NAME ...]

Each says of the parsers of src/, for every input up to a bound of bytes, that nothing outside of the input is read, that
no number, pointer or shift overflows, that each call makes progress and what it says of the input is right (harness.c).
CBMC reads no C++17, so extract.py writes the functions in C, from the source as it is; before the proofs
same.cpp runs both on 200,000 inputs.

--break   puts a fault into src/ for each proof and looks that it is found: a proof that covers nothing is none.
CBMC=...  the program, if it is not in PATH (Debian 13: apt-get install cbmc cadical; 12 has none)."""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

from extract import extract

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get('BUILD_DIR', ROOT / 'build')) / 'proofs'
# name, bound in bytes, turns of a loop, what is shown
PROOFS = [
    ('utf8', 6, 8, {}, 'a sequence is what the Unicode Standard says; every code point is written as one'),
    ('decimal', 0, 2, {}, 'a digit is appended to any 64-bit number, or does not fit'),
    ('division', 0, 2, {}, 'any 64-bit number is divided by ten'),
    ('delay', 8, 10, {}, 'Retry-After as milliseconds'),
    ('integer', 6, 16, {'to_integer.4': 22}, 'a JSON number, or its beginning, as an integer; its sign stays'),
    ('date', 3, 13, {}, 'an HTTP date as seconds'),
    ('words', 6, 8, {}, 'a word of a list is found'),
    ('joined', 4, 10, {}, 'pieces joined in their input: the bytes, their order'),
    ('buffer', 5, 7, {}, 'the marks of a receive buffer: their order, the bytes between them'),
    ('lines', 6, 11, {'LineDecoder_next.0': 25, 'scan_line_end.0': 8, 'some_word_of.0': 26, 'LineDecoder_has_field.0': 6, 'words_length.0': 6, 'StringView_equal.0': 6},
     'one piece of a line of an event stream, in any state'),
    ('chunks', 6, 8, {}, 'the framing of chunks, in any state'),
    ('shortcut', 18, 20, {}, 'the short cut for the line of a chunk is the long way'),
    ('framing', 0, 20, {'some_word_of.0': 90}, 'one byte of a framing field, in any state'),
    ('response', 4, 20, {'some_word_of.0': 110, 'ResponseParser_read_head.0': 6, 'ChunkedReader_next.0': 6},
     'one piece of a response, in any state'),
    ('scanner', 2, 18, {'Scanner_any.0': 5, 'Scanner_any.1': 7, 'Scanner_string.0': 8, 'Scanner_inside.0': 6}, 'one token of JSON, in any state, at any depth'),
    ('unescape', 3, 8, {}, 'a string decoded where it lies: never longer, always UTF-8'),
]
# No result within five minutes of a busy processor: tried when they are named. What they are about is held by the tests
# of tests/json and tests/http and by tests/fuzz alone.
OPEN = {'date', 'scanner', 'unescape'}
# file, what is there, the fault that is put there, the proof that has to find it
FAULTS = [
    ('base/utf8.hpp', 'good < length && at + good != end', 'good < length', 'utf8'),
    ('base/utf8.hpp', 'pair >= 0xF490', 'pair >= 0xF491', 'utf8'),
    ('base/ascii.hpp', 'number > UINT64_MAX % 10', 'number > UINT64_MAX % 10 + 1', 'decimal'),
    ('base/ascii.hpp', 'upper = high % 10 << 16 |', 'upper = high % 9 << 16 |', 'division'),
    ('base/delay.hpp', 'next != end && *next', '*next', 'delay'),
    ('json/integer.hpp', 'magnitude >> 60 != 0', 'magnitude >> 62 != 0', 'integer'),
    ('json/integer.hpp', 'end - exponent > 1', 'end != exponent', 'integer'),
    ('json/integer.hpp', 'if (magnitude >> 63 != 0) return false;', '', 'integer'),
    ('http/date.hpp', 'year > 9999', 'year > 99999', 'date'),
    ('base/joined_text.hpp', 'char* const into = end_ + begins_line;', 'char* const into = end_;', 'joined'),
    ('io/receive_buffer.hpp', 'if (unused() < count) count = unused();', '', 'buffer'),
    ('sse/line_decoder.hpp', 'if (name_size_ != sizeof name_) name_', 'name_', 'lines'),
    ('sse/line_decoder.hpp', 'end - at >= 6', 'end - at >= 5', 'lines'),
    ('http/chunked.hpp', '!is_full(size) && ', '', 'chunks'),
    ('http/chunked.hpp', 'end - at < 2 + max_digits + 2', 'end - at < 2 + max_digits', 'shortcut'),
    ('http/grammar.hpp', 'if (length_ == max_length) return;', '', 'framing'),
    ('http/body_framing.hpp', 'end == BodyLength::invalid && status >= 300', 'end == BodyLength::invalid && status >= 200',
     'framing'),
    ('http/response_parser.hpp', 'left_ < room ? static_cast<size_t>(left_) : room', 'room', 'response'),
    ('http/response_head.hpp', 'if (position_ == 12) {', 'if (position_ == 13) {', 'response'),
    ('json/scanner.hpp', 'if (depth_ == max_depth) return fail(Error::json_too_deep);', '', 'scanner'),
    ('json/scanner.hpp', 'limit_ - at >= 3', 'limit_ - at >= 2', 'scanner'),
    ('json/unescape.hpp', 'if (end - at < 6 ||', 'if (end - at < 5 ||', 'unescape'),
    ('json/unescape.hpp', 'there < 2 ||', 'there < 1 ||', 'unescape'),
]
PROVED = {name for name, *_ in PROOFS} - OPEN
CHECKS = ['--bounds-check', '--pointer-check', '--pointer-overflow-check', '--signed-overflow-check',
          '--undefined-shift-check', '--div-by-zero-check', '--unwinding-assertions', '--no-malloc-may-fail']


def prove(name, bound, unwind, loops, folder, seconds, cbmc):
    """'proved', 'refuted' or 'unknown', how many conditions, seconds, and what CBMC said."""
    limits = ['--unwindset', ','.join(f'{l}:{n}' for l, n in loops.items())] if loops else []
    command = [cbmc, str(HERE / 'harness.c'), f'-I{folder}', f'-DPROOF_{name}', f'-DBOUND={bound}',
               f'-DPROOF_MOVE={bound + 1}', '--unwind', str(unwind), *limits, '--drop-unused-functions',
               '--slice-formula', '--verbosity', '6', *CHECKS]
    if shutil.which('cadical'):  # several times as fast as the solver within
        command += ['--external-sat-solver', 'cadical']
    began = time.time()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return 'unknown', 0, time.time() - began, ''
    out = done.stdout + done.stderr
    conditions = out.count(': SUCCESS') + out.count(': FAILURE')
    result = 'proved' if done.returncode == 0 and 'VERIFICATION SUCCESSFUL' in out and conditions else \
        'refuted' if 'VERIFICATION FAILED' in out else 'unknown'
    return result, conditions, time.time() - began, out


def same(folder):
    """Whether the C does what the C++ does, by a compiler and 200,000 inputs."""
    made = folder / 'same'
    for command in (['cc', '-O1', '-w', f'-I{folder}', '-c', str(HERE / 'same.c'), '-o', f'{made}.o'],
                    ['c++', '-std=c++17', '-O1', '-w', str(HERE / 'same.cpp'), f'{made}.o', '-o', str(made)]):
        subprocess.run(command, check=True)
    done = subprocess.run([str(made)], capture_output=True, text=True, errors='replace')
    print(done.stdout.strip()[:3000], flush=True)
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*')
    parser.add_argument('--break', action='store_true', dest='breaks')
    parser.add_argument('--seconds', type=float, default=600, help='for each proof')
    wishes = parser.parse_args()
    cbmc = os.environ.get('CBMC') or shutil.which('cbmc')
    if not cbmc:
        print('SKIPPED: proofs: there is no cbmc (apt-get install cbmc)')
        print('0 passed, 0 failed, 1 skipped')
        return 0
    passed = failed = skipped = 0

    def read(name):
        return (ROOT / 'src' / name).read_text()

    if not wishes.breaks:
        folder = BUILD / 'src'
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'extracted.c').write_text(extract(read))
        if not same(folder):
            return 1
        print(f'{"proof":10} {"bytes":>5} {"conditions":>10} {"seconds":>8}  result')
        for name, bound, unwind, loops, what in PROOFS:
            if name not in (wishes.names or PROVED):
                if not wishes.names:
                    print(f'SKIPPED: {name}: no result yet: {what}')
                    skipped += 1
                continue
            result, conditions, seconds, out = prove(name, bound, unwind, loops, folder, wishes.seconds, cbmc)
            print(f'{name:10} {bound or "":>5} {conditions:10} {seconds:8.1f}  {result}: {what}', flush=True)
            if result == 'proved':
                passed += 1
                continue
            failed += 1
            print('\n'.join(line for line in out.splitlines() if 'FAILURE' in line or 'rror' in line)[:3000])
    else:
        bounds = {name: rest for name, *rest, _ in PROOFS}
        for index, (file, before, after, name) in enumerate(FAULTS):
            if name not in (wishes.names or PROVED):
                continue
            if before not in read(file):
                sys.exit(f'FAILED: {file} has no "{before}" any more')
            folder = BUILD / f'fault_{index}'
            folder.mkdir(parents=True, exist_ok=True)
            (folder / 'extracted.c').write_text(
                extract(lambda other: read(other).replace(before, after) if other == file else read(other)))
            result, _, seconds, out = prove(name, *bounds[name], folder, wishes.seconds, cbmc)
            found = result == 'refuted'
            said = next((line.strip() for line in out.splitlines() if line.endswith('FAILURE')), out[-300:])
            print(f'{"found" if found else "FAILED: not found"} by {name} ({seconds:.1f} s): {file}: "{before}" -> '
                  f'"{after}"\n    {said}', flush=True)
            passed, failed = passed + found, failed + (not found)
    print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
