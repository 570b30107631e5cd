#!/usr/bin/env python3
"""The library says the same however it was built: builds.py SOURCE_ROOT [BUILD_DIR]

Each target over its corpus, built with vectors of 16 and of 32 bytes, with none (OPENAI_STREAM_NO_SIMD), for small size
(-Os: no templates of events, byte by byte) and for 32 bits. The replayer sums up what was said for each input; a line
whose sum differs from that of the first build is a failure and is named.
"""
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

root = pathlib.Path(sys.argv[1]).resolve()
out = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else root / "build/fuzz_builds")
compiler = os.environ.get("CXX", "g++")
BUILDS = {
    "vectors of 16 bytes": ["-O1"],
    "vectors of 32 bytes": ["-O1", "-mavx2"],
    "no vectors": ["-O1", "-DOPENAI_STREAM_NO_SIMD"],
    "small": ["-Os"],
    "32 bits": ["-O1", "-m32", "-msse2", "-mfpmath=sse", f"-idirafter/usr/include/{platform.machine()}-linux-gnu"],
}
TARGETS = re.findall(r"^    '(\w+)':", (root / "tests/fuzz/meson.build").read_text(), re.MULTILINE)  # but tls


def run(program, flags, *arguments, **options):
    """Where the kernel runs no programs of 32 bits, by qemu-i386."""
    try:
        return subprocess.run([program, *arguments], check=False, **options)
    except OSError:
        if "-m32" not in flags or not shutil.which("qemu-i386"):
            return subprocess.CompletedProcess([program], 126)
        return subprocess.run(["qemu-i386", program, *arguments], check=False, **options)


def can(flags):
    """Whether this machine builds and runs with them."""
    source, program = out / "probe.cpp", out / "probe"
    source.write_text("#include <vector>\nint main() { return static_cast<int>(std::vector<int>(1).size()) - 1; }\n")
    if subprocess.run([compiler, *flags, source, "-o", program], capture_output=True, check=False).returncode != 0:
        return False
    if "-mavx2" in flags and "avx2" not in pathlib.Path("/proc/cpuinfo").read_text():
        return False
    return run(program, flags).returncode == 0


def sums(target, name, flags):
    program = out / f"{target}_{name.replace(' ', '_')}"
    subprocess.run([compiler, "-std=c++17", *flags, f"-I{root}", f"-I{root}/tests", root / f"tests/fuzz/{target}.cpp",
                    root / "tests/fuzz/replayer.cpp", root / "tests/support/guard_page.cpp", "-o", program], check=True)
    said = run(program, flags, root / f"tests/fuzz/corpus/{target}.hex", env=os.environ | {"FUZZ_RESULTS": "1"},
               capture_output=True, text=True)
    if said.returncode != 0:
        print(f"FAILED: {target}, {name}: {said.stderr.strip()}")
    return [line for line in said.stdout.splitlines() if line.startswith("line ")], said.returncode == 0


def main():
    out.mkdir(parents=True, exist_ok=True)
    builds = {name: flags for name, flags in BUILDS.items() if can(flags)}
    for name in BUILDS.keys() - builds.keys():
        print(f"SKIPPED: {name}: {compiler} builds no such program here, or it does not run")
    passed = failed = 0
    targets = os.environ.get("TARGETS", "").split() or TARGETS
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {(target, name): pool.submit(sums, target, name, flags)
                for target in targets for name, flags in builds.items()}
        for (target, name), job in jobs.items():
            lines, is_sound = job.result()
            first = jobs[target, next(iter(builds))].result()[0]
            differing = [one.split()[1] for one, other in zip(lines, first) if one != other]
            is_same = is_sound and len(lines) == len(first) and lines and not differing
            passed, failed = passed + bool(is_same), failed + (not is_same)
            if differing:
                print(f"FAILED: {target}, {name}: corpus/{target}.hex, lines {', '.join(differing[:20])}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
