#!/usr/bin/env python3
"""Items that go back, beside those of the npm package openai: python3 tests/differential/round_trip.py

Each recorded answer of the Responses API is read here and by the package. What Collector::as_items() writes into the
next request has to be, as JSON, what the package's own stream says: the items as they end, and those of the response
that it accumulates, where the server repeats them at its end and where it does not. Each difference has a reason in
REASONS, and each reason a difference. What is not there is skipped, aloud. Ends with 1 if something differs."""
import http.client
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = pathlib.Path(os.environ.get('OPENAI_STREAM_SHARED', ROOT.parent / 'shared'))
BUILD = pathlib.Path(os.environ.get('BUILD_DIR', ROOT / 'build')) / 'differential'
PACKAGE = 'openai@7.59.0'
BUFFERS = (1024, 4096, 65536)
# File, what of it, why it differs, and what has to be equal nevertheless.
NEW_SECRET = 'the server encrypts its reasoning anew for the end; either is taken back'
REASONS = {
    ('openai-responses-moderation.sse', 'items'): (NEW_SECRET, 'encrypted_content'),
    ('openai-responses-phase-0.sse', 'items'): (NEW_SECRET, 'encrypted_content'),
    ('openai-responses-reasoning-code.sse', 'items'): (NEW_SECRET, 'encrypted_content'),
    ('openrouter-responses-raw-cot.sse', 'items'): ('the server gives the same reasoning another id at its end', 'id'),
    ('openrouter-responses-raw-cot.sse', 'ended'): ('the message ends first, and goes back behind its reasoning',
                                                     'order'),
}
# What the package's accumulator gives up, and its words; that the items are those that ended is compared all the same.
REFUSED = {
    'openai-responses-apply-patch.sse': 'Unhandled response stream event',  # those of a patch have no type there
    'llama-server/responses-basic.raw': 'missing output at index undefined',  # no event has an output_index
    'llama-server/responses-tool.raw': 'missing output at index undefined',
}
skipped = []


def skip(what):
    skipped.append(what)
    print(f'SKIPPED: {what}')


def answers():
    """(name, body) of each recorded answer with items; a response on the wire is taken out of HTTP."""
    for path in sorted((SHARED / 'recorded').glob('*-responses-*.sse')):
        yield path.name, path.read_bytes()

    class Link:
        def __init__(self, path):
            self.path = path

        def makefile(self, *_, **__):
            return io.BytesIO(self.path.read_bytes())

    for path in sorted((SHARED / 'wire').glob('*/responses-*.raw')):
        answer = http.client.HTTPResponse(Link(path))
        answer.begin()
        if answer.headers.get_content_type() == 'text/event-stream':
            yield f'{path.parent.name}/{path.name}', answer.read()


def ours(bodies, buffer_bytes):
    """What the input of the next request is."""
    fed = b''.join(b'%d\n%s' % (len(body), body) for body in bodies)
    done = subprocess.run([str(BUILD / 'round_trip'), str(buffer_bytes)], input=fed, stdout=subprocess.PIPE, check=True)
    stream = io.BytesIO(done.stdout)
    for _ in bodies:
        text = stream.read(int(stream.readline()))
        stream.readline()
        yield json.loads(text)['input'] if text else []


def theirs(bodies):
    done = subprocess.run(['node', 'round_trip.mjs'], input='\n'.join(body.hex() for body in bodies) + '\n', cwd=BUILD,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        skip(f'node does not say what openai makes of the answers: {done.stderr.strip().splitlines()[-1:]}')
        return None
    return [json.loads(line) for line in done.stdout.splitlines()]


def prepare():
    """Whether there is somebody to compare with."""
    if not (SHARED / 'recorded').is_dir():
        skip(f'recorded answers: {SHARED} is not there')
    elif not shutil.which('npm') or not shutil.which('node'):
        skip(f'npm or node is not there: {PACKAGE}')
    else:
        BUILD.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / 'round_trip.mjs', BUILD / 'round_trip.mjs')  # packages are looked for beside it
        known = BUILD / 'node_modules/openai/package.json'
        if known.exists() and json.loads(known.read_text())['version'] == PACKAGE.split('@')[1]:
            return True
        done = subprocess.run(['npm', 'install', '--no-audit', '--no-fund', '--prefix', str(BUILD), PACKAGE],
                              capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return True
        skip(f'npm could not install {PACKAGE}')
    return False


def without(items, what):
    if what == 'order':
        return sorted(items, key=json.dumps)
    return [{key: value for key, value in item.items() if key != what} for item in items]


def as_sent(items):
    """Without what the package's helper adds for its user."""
    for item in items:
        item.pop('parsed_arguments', None)
        for part in item.get('content') or []:
            part.pop('parsed', None)
    return items


def main():
    if not prepare():
        print(f'0 passed, 0 failed, {len(skipped)} skipped')
        return 0
    subprocess.run([os.environ.get('CXX', 'c++'), '-std=c++17', '-O1', str(HERE / 'round_trip.cpp'), '-o',
                    str(BUILD / 'round_trip')], check=True)
    recorded = list(answers())
    bodies = [body for _, body in recorded]
    said = theirs(bodies)
    if said is None:
        print(f'0 passed, 0 failed, {len(skipped)} skipped')
        return 0
    passed = failed = 0
    used, kinds = set(), set()
    for buffer_bytes in BUFFERS:
        for (name, _), mine, other in zip(recorded, ours(bodies, buffer_bytes), said):
            kinds.update(item['type'] for item in mine)
            for what in ('ended', 'items', 'accumulated'):
                wanted = as_sent(other.get(what) or [])
                error = other.get('error' if what == 'items' else 'problem')
                if what != 'ended' and error and error.removeprefix('Error: ').startswith(REFUSED.get(name, '?')):
                    used.add(name)
                    continue
                if mine == wanted:
                    passed += 1
                    continue
                _, left_out = REASONS.get((name, what), (None, None))
                if left_out and without(mine, left_out) == without(wanted, left_out):
                    used.add((name, what))
                    passed += 1
                    continue
                failed += 1
                print(f'{name}, {buffer_bytes} bytes: {what}: {error or ""}\n'
                      f'  here {json.dumps(mine)[:300]}\n  openai {json.dumps(wanted)[:300]}')
    for row in sorted({*REASONS, *REFUSED} - used, key=str):
        print(f'nothing differs so any more: {row}')
        failed += 1
    print(f'{len(recorded)} answers, items of {len(kinds)} kinds: {", ".join(sorted(kinds))}')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed or not recorded else 0


if __name__ == '__main__':
    sys.exit(main())
