"""How long whole processes of the command take until they have said something, or made one denoising step."""

import pathlib
import subprocess
import tempfile
import time

# What it is called in docs/performance.md: its words. Nothing is left warm in the process; files are in memory.
COMMANDS = {
    "`--version`": ("--version",),
    "`--help`": ("--help",),
    "`sample --help`": ("sample", "--help"),
    "one step of `emoji-32`, written as PNG": ("sample", "emoji-32", "--scheduler", "ddim", "--steps", "1", "-o", "x.png"),
}


def measure(mezzotint, runs=15):
    """{name: [seconds, ...]}, the commands in turn."""
    times = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(runs):
            for name, words in COMMANDS.items():
                begin = time.perf_counter()
                subprocess.run([pathlib.Path(mezzotint).resolve(), *words], cwd=folder, check=True, capture_output=True)
                times[name].append(round(time.perf_counter() - begin, 4))
    return times


def markdown(times):
    lines = ["| command | best | median |", "| --- | ---: | ---: |"]
    for name, seconds in times.items():
        ordered = sorted(seconds)
        lines.append(f"| {name} | {ordered[0]:.2f} s | {ordered[len(ordered) // 2]:.2f} s |")
    return "\n".join(lines) + "\n"
