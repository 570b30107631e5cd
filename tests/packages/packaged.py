"""What the tests of packages share: the packages, and commands."""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CONSUMERS, INTERFACES = HERE / "consumers", HERE / "interfaces"
HOME = "https://example.invalid/home"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
ARM = ["arm-none-eabi-g++", "-mcpu=cortex-m3", "-mthumb", "-Os", "-fno-exceptions", "-fno-rtti", *STRICT]

sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "e2e"))
sys.path.insert(0, str(ROOT / "packaging"))


def output(command, **more):
    """What a command says; it has to succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}"
    return done.stdout


def packed(folder):
    """All packages, in a folder that is made."""
    output([sys.executable, ROOT / "packaging" / "pack.py", folder, "--home", HOME])
    return folder
