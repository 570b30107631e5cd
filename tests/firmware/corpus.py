#!/usr/bin/env python3
"""The recorded answers of ../shared, read on emulated boards: each says what the host's own program says."""
import json
import os
import pathlib
import subprocess
import sys

from boards import BUILD, M3, ROOT, RV32, STRICT, Run, Tests

SHARED = pathlib.Path(os.environ.get("OPENAI_STREAM_SHARED", ROOT.parent / "shared"))
SOURCE = ROOT / "tests/firmware/corpus.cpp"
APIS = ("chat", "responses")


def recorded():
    """(api, path) of each answer that is an event stream."""
    index = SHARED / "recorded/index.jsonl"
    rows = [json.loads(line) for line in index.read_text("utf-8").splitlines()] if index.exists() else []
    return [(row["api"], SHARED / "recorded" / row["file"]) for row in rows
            if row["api"] in APIS and row["file"].endswith(".sse")]


def of_host(folder):
    program = BUILD / "corpus-host"
    done = subprocess.run(["c++", "-std=c++17", "-O1", *STRICT, f"-I{ROOT}", SOURCE, "-o", program],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    done = subprocess.run([program], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    return done.stdout


def says_the_same(board, folder, expected, answers):
    done = Run(board.command(board.build("corpus", program=[SOURCE])), cwd=folder, timeout=300)
    assert done.status == 0, done
    lines = done.text.splitlines()
    differing = [pair for pair in zip(lines, expected.splitlines()) if pair[0] != pair[1]]
    assert not differing, differing[:2]
    assert len(lines) == len(answers), f"{len(lines)} of {len(answers)}"
    print(f"{board.name}: {len(lines)} recorded answers, in nine ways each, as on this machine")


def prepared():
    """(a folder with the answers and their list, the answers)"""
    folder, answers = BUILD / "corpus", recorded()
    folder.mkdir(parents=True, exist_ok=True)
    for link in folder.glob("*.sse"):
        link.unlink()
    for _, path in answers:
        (folder / path.name).symlink_to(path)
    (folder / "corpus.list").write_text("".join(f"{api} {path.name}\n" for api, path in answers), "ascii")
    return folder, answers


def recorded_answers(tests):
    folder, answers = prepared()
    if not answers:
        tests.skip(f"recorded answers on boards: {SHARED}/recorded is not there")
        return
    expected = None

    def on_host():
        nonlocal expected
        expected = of_host(folder)
        for line in expected.splitlines():  # three recordings end with the server's own error
            is_failure = "failed" in line or "error" in line
            assert (" verdict 7:" in line) == is_failure, f"not as recorded: {line}"
        assert {api for api, _ in answers} == set(APIS)
    tests.run("the corpus on this machine", on_host)
    for board in (M3, RV32) if expected else ():
        if board.missing():
            tests.skip(f"recorded answers on {board.name}: {', '.join(board.missing())} is not there")
        else:
            tests.run(f"{board.name}: the corpus", says_the_same, board, folder, expected, answers)


if __name__ == "__main__":
    all_tests = Tests()
    recorded_answers(all_tests)
    sys.exit(all_tests.end())
