#!/usr/bin/env python3
"""Other people's parsers as witnesses: python3 tests/differential/witness.py [http] [sse] [json]

The rows of tests/corpus/ and texts made from them (a byte less, another one, one twice) go through this library and
through others: HTTP through node (llhttp), Python's http.client and curl; events through the npm package
eventsource-parser; JSON through node and Python. Prints who accepts how much, and each difference without a reason:
- refused here, accepted there: the row's own reason, or for a made text another witness that refuses it as well;
- accepted by both and read in two ways, or accepted here alone: a row of differences.jsonl.
Ends with 1 if there is one. What is not there is skipped, aloud. GENERATED=N texts are made (300)."""
import base64
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get('BUILD_DIR', ROOT / 'build')) / 'differential'
GENERATED = int(os.environ.get('GENERATED', '300'))
NO = ('refused', 'cut off')
skipped = []
verdicts = {}


def skip(what):
    skipped.append(what)
    print(f'SKIPPED: {what}')


def changed(rows, inputs, most=2000):
    """More inputs: each is a row with one to three small faults."""
    chance = random.Random(20240601)
    small = [(name, text) for name, text in inputs if 0 < len(text) <= most]
    made = []
    for number in range(GENERATED):
        name, text = chance.choice(small)
        text = bytearray(text)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text)) if text else 0
            how = chance.randrange(4)
            if how == 0 and text:
                del text[at]
            elif how == 1:
                text.insert(at, chance.choice(b'\r\n :;,\t0a"\\{}[]\x00\xff'))
            elif how == 2 and text:
                text[at] = chance.choice(b'\r\n :;,\t9f"\\{}[]\x00\xe2')
            else:
                end = min(len(text), at + chance.randint(1, 8))
                text[at:at] = text[at:end]
        made.append((f'made {number} of {name}', bytes(text)))
    return made


def corpus(file, key):
    rows = []
    for line in (ROOT / 'tests/corpus' / file).read_text().splitlines():
        row = json.loads(line)
        if key + '_b64' in row and row.get('request_method', 'POST') == 'POST':
            verdicts[file, row['name']] = row.get('verdict')
            rows.append((row['name'], base64.b64decode(row[key + '_b64'])))
    return rows


def ours(what, inputs):
    program = BUILD / 'ours'
    BUILD.mkdir(parents=True, exist_ok=True)
    subprocess.run([os.environ.get('CXX', 'c++'), '-std=c++17', '-O1', str(HERE / 'ours.cpp'), '-o', str(program)],
                   check=True)
    fed = b''.join(b'%d\n%s' % (len(text), text) for _, text in inputs)
    return subprocess.run([str(program), what], input=fed, stdout=subprocess.PIPE, check=True).stdout.decode().split('\n')


class Server:
    """For each connection the input whose number its path says, then the end of the connection."""

    def __init__(self, inputs):
        self.inputs = inputs
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(link,), daemon=True).start()

    def serve(self, link):
        with link:
            link.settimeout(10)
            head = b''
            try:
                while b'\r\n\r\n' not in head:
                    more = link.recv(4096)
                    if not more:
                        return
                    head += more
                link.sendall(self.inputs[int(re.match(rb'\w+ /(\d+)', head).group(1))][1])
                link.shutdown(socket.SHUT_WR)
                while link.recv(4096):
                    pass
            except OSError:
                pass


def python_http(port, number):
    link = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
    try:
        link.request('POST', f'/{number}', body=b'')
        answer = link.getresponse()
        return f'{answer.status} {answer.read().hex()}'
    except (http.client.IncompleteRead, http.client.RemoteDisconnected, ConnectionError, TimeoutError):
        return 'cut off'
    except (http.client.HTTPException, ValueError, OverflowError):
        return 'refused'
    finally:
        link.close()


def curl_http(port, number):
    done = subprocess.run(['curl', '-sS', '--http1.1', '--max-time', '10', '-X', 'POST', '-d', '', '-w', '\n%{http_code}',
                           f'http://127.0.0.1:{port}/{number}'], capture_output=True)
    if done.returncode in (18, 52, 56):
        # 56 is also what a chunk is that curl does not understand.
        return 'refused' if b'chunk' in done.stderr.lower() or b'illegal' in done.stderr.lower() else 'cut off'
    if done.returncode != 0:
        return 'refused'
    body, _, status = done.stdout.rpartition(b'\n')
    return f'{int(status)} {body.hex()}'


def judge_http(inputs):
    server = Server(inputs)
    numbers = range(len(inputs))
    said = {'Python': [python_http(server.port, n) for n in numbers]}
    if shutil.which('curl'):
        said['curl'] = [curl_http(server.port, n) for n in numbers]
    else:
        skip('curl is not there')
    if shutil.which('node'):
        said['node'] = subprocess.run(['node', str(HERE / 'witness.mjs'), 'http', str(server.port), str(len(inputs))],
                                      capture_output=True, text=True).stdout.split('\n')
    else:
        skip('node is not there')
    server.listener.close()
    return said


def by_node(what, inputs):
    lines = '\n'.join(text.hex() for _, text in inputs) + '\n'
    done = subprocess.run(['node', str(BUILD / 'witness.mjs'), what], input=lines, capture_output=True, text=True,
                          cwd=BUILD)
    if done.returncode != 0:
        skip(f'node does not say what it makes of {what}: {done.stderr.strip().splitlines()[-1:]}')
        return None
    return done.stdout.split('\n')


def judge_sse(inputs):
    if not shutil.which('npm'):
        skip('npm is not there: eventsource-parser')
        return {}
    if not (BUILD / 'node_modules/eventsource-parser').exists():
        done = subprocess.run(['npm', 'install', '--no-audit', '--no-fund', '--prefix', str(BUILD),
                               'eventsource-parser@3.0.6'], capture_output=True, text=True)
        if done.returncode != 0:
            skip('npm could not install eventsource-parser')
            return {}
    said = by_node('sse', inputs)
    return {'eventsource-parser': said} if said else {}


def judge_json(inputs):
    def refuse(word):
        raise ValueError(word)

    def python(text):
        try:
            json.loads(text.decode('utf-8', 'surrogateescape'), parse_constant=refuse)
            return 'valid'
        except (ValueError, RecursionError):
            return 'refused'
    said = {'Python': [python(text) for _, text in inputs]}
    node = by_node('json', inputs) if shutil.which('node') else skip('node is not there')
    if node:
        said['node'] = node
    return said


def as_text(events):
    """Bytes that are no UTF-8 as what decodes them shows them: that is done after the events were read."""
    return re.sub('[0-9a-f]+', lambda word: bytes.fromhex(word.group()).decode('utf-8', 'replace').encode().hex(), events)


def without_ids(events):
    return re.sub(r' [0-9a-f]*;', ';', events)


def main():
    wanted = sys.argv[1:] or ['http', 'sse', 'json']
    reasons = [json.loads(line) for line in (HERE / 'differences.jsonl').read_text().splitlines()]
    used = set()
    sources = {'http': ('http.jsonl', 'input', judge_http), 'sse': ('sse.jsonl', 'input', judge_sse),
               'json': ('json.jsonl', 'json', judge_json)}
    BUILD.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / 'witness.mjs', BUILD / 'witness.mjs')  # packages are looked for beside it
    passed = failed = 0
    table = []
    for what in wanted:
        file, key, judge = sources[what]
        inputs = corpus(file, key)
        inputs += changed(file, inputs)
        mine = ours(what, inputs)
        witnesses = judge(inputs)
        for witness, said in witnesses.items():
            same = explained = stricter = 0
            for number, ((name, text), own, other) in enumerate(zip(inputs, mine, said)):
                is_left = own.endswith(' +')
                own = own[:-2] if is_left else own
                if what == 'sse':
                    own = as_text(own)
                if own == other or (own in NO and other in NO):
                    same += 1
                    continue
                agree = any(lines[number] in NO for lines in witnesses.values())
                if own in NO and (agree or verdicts.get((file, name)) in ('reject', 'either', 'incomplete')):
                    stricter += 1
                    continue
                for place, row in enumerate(reasons):
                    if (row['what'], row['witness']) == (what, witness) and (
                            re.search(row['input'].encode('latin-1'), text, re.S) if 'input' in row else
                            is_left if row['if'] == 'more came' else without_ids(own) == without_ids(other)):
                        used.add(place)
                        break
                else:
                    place = None
                if place is not None:
                    explained += 1
                    continue
                failed += 1
                print(f'{what}: {name}: here {own[:60]!r}, {witness} {other[:60]!r}: {text[:200]!r}')
            passed += same + stricter + explained
            accepts = sum(o not in NO for o in said[:len(inputs)])
            table.append((what, witness, len(inputs), accepts,
                          sum(o not in NO for o in mine[:len(inputs)]), same, stricter, explained))
    for place, row in enumerate(reasons):
        if place not in used and (row['what'], row['witness']) in {(line[0], line[1]) for line in table}:
            print(f'differences.jsonl: nothing differs so any more: {row}')
            failed += 1
    print(f'{"what":5} {"witness":20} {"inputs":>7} {"it accepts":>11} {"we accept":>10} {"same":>6} '
          f'{"we are stricter":>16} {"other reason":>13}')
    for row in table:
        print(f'{row[0]:5} {row[1]:20} {row[2]:7} {row[3]:11} {row[4]:10} {row[5]:6} {row[6]:16} {row[7]:13}')
    print(f'{passed} passed, {failed} failed' + (f', {len(skipped)} skipped' if skipped else ''))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
