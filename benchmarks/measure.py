#!/usr/bin/env python3
"""Measures all that docs/performance.md shows, and puts it there: single operations, peers, start-up.

    benchmarks/measure.py --python PYTHON [ops] [peers] [start-up] [-- OPTIONS OF run_peers.py]

PYTHON is an interpreter with benchmarks/peers/requirements.txt. Without a part all are measured: about ten minutes for
operations, an hour or more for peers (torch.compile takes minutes for each workload). Let nothing else run meanwhile.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import op_results
import roofline
import run_peers
import start_up

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"
PAGE = ROOT / "docs/performance.md"
FIGURES = ROOT / "docs/performance"
PARTS = ("ops", "peers", "start-up")


def replaced(page, name, text):
    """The page with another text between <!-- NAME --> and <!-- end of NAME -->."""
    between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    assert len(between.findall(page)) == 1, name
    return between.sub(lambda found: found[1] + text + found[2], page)


def measure_ops(environment):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "ops.json"
        subprocess.run([BUILD / "op_benchmarks", f"--benchmark_out={out}", "--benchmark_out_format=json",
                        "--benchmark_repetitions=3"], check=True, env=environment, stdout=sys.stderr)
        short = op_results.shorten(json.loads(out.read_text(encoding="utf-8")))
    (FIGURES / "ops.json").write_text(op_results.compact_json(short), encoding="utf-8")


def measure_peers(python, threads, more):
    subprocess.run([sys.executable, ROOT / "benchmarks/run_peers.py", "--python", python, "--threads", str(threads),
                    "-o", FIGURES / "peers.json", *more], check=True)


def pages():
    """{file: text}: page and plot as the figures that there are want them."""
    wanted, page = {}, PAGE.read_text(encoding="utf-8")
    for name, markdown in (("ops", op_results.markdown), ("peers", run_peers.markdown), ("start-up", start_up.markdown)):
        file = FIGURES / f"{name}.json"
        if not file.exists():
            continue
        figures = json.loads(file.read_text(encoding="utf-8"))
        page = replaced(page, name, markdown(figures))
        if name == "ops":
            wanted[FIGURES / "roofline.svg"] = roofline.roofline(figures)
    return wanted | {PAGE: page}


def show():
    for file, text in pages().items():
        file.write_text(text, encoding="utf-8")


def main():
    words = sys.argv[1:]
    more = words[words.index("--") + 1:] if "--" in words else []
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--python", default=sys.executable, help="interpreter with the peers' packages")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--show", action="store_true", help="measure nothing, write the page from the figures")
    parser.add_argument("--no-build", action="store_true")
    asked = parser.parse_args(words[:words.index("--")] if "--" in words else words)
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"unknown part {sorted(unknown)[0]}; known: {', '.join(PARTS)}")
    parts = () if asked.show else asked.parts or PARTS
    if parts and not asked.no_build:
        subprocess.run([ROOT / "scripts/build", "--preset", "benchmarks"], check=True)
    FIGURES.mkdir(exist_ok=True)
    # As apps/cli/thread_waiting.cc has it: threads that spin long disturb each other.
    environment = {"GOMP_SPINCOUNT": "1000", **os.environ, "OMP_NUM_THREADS": str(asked.threads)}
    if "ops" in parts:
        measure_ops(environment)
    if "peers" in parts:
        measure_peers(asked.python, asked.threads, more)
    if "start-up" in parts:
        (FIGURES / "start-up.json").write_text(json.dumps(start_up.measure(BUILD / "mezzotint"), indent=1) + "\n", encoding="utf-8")
    show()


if __name__ == "__main__":
    main()
