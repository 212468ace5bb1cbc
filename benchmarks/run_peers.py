#!/usr/bin/env python3
"""Compares `mezzotint bench` with diffusers on the same CPU, run in turn.

    python3 benchmarks/run_peers.py --python PYTHON -o peers.json [--markdown peers.md]

PYTHON is an interpreter that has benchmarks/peers/requirements.txt. For each workload and peer both are run in rounds,
ours first in one and second in the next, so that a machine that grows slower or has busy neighbours is as slow for
both; a round's ratio is that of the best runs in it, and what counts is the median of the rounds' ratios. A peer is
started once and waits while ours runs; ours is started anew for each round. Memory is the most that a process held
(VmHWM). Results are written after each pair; --add keeps those of other pairs that the file has.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
MEZZOTINT = HERE.parent / "build/release/mezzotint"
PEERS = ("eager", "channels_last", "compile", "openvino")
WORKLOADS = ("sample-celebahq-256:1", "sample-celebahq-256:4", "guide-celebahq-256:1", "finetune-celebahq-128:4",
             "train-mnist-28:128")
WITHOUT_GRADIENTS = {"openvino": ("sample-celebahq-256",)}
# PyTorch's performance tuning guide gives these settings.
JEMALLOC = ("oversize_threshold:1,background_thread:true,metadata_thp:auto,"
            "dirty_decay_ms:-1,muzzy_decay_ms:-1")
NAMES = {"eager": "diffusers", "channels_last": "channels_last, jemalloc", "compile": "torch.compile, jemalloc",
         "openvino": "OpenVINO"}


def find_jemalloc():
    found = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=False,
                           env={"PATH": "/sbin:/usr/sbin:/usr/bin"}).stdout
    return (re.findall(r"=> (\S*libjemalloc\.so\.2)", found) or [None])[0]


def cpu_name():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


class Unavailable(Exception):
    """Why a peer has no figures."""


class Peer:
    """A process of peers/peer.py; `with` ends it."""

    def __init__(self, asked, peer, workload, batch):
        environment = dict(os.environ)
        if peer in ("channels_last", "compile") and asked.jemalloc:
            environment |= {"LD_PRELOAD": asked.jemalloc, "MALLOC_CONF": JEMALLOC}
        self.messages = tempfile.TemporaryFile(mode="w+", encoding="utf-8", errors="replace")
        words = [asked.python, HERE / "peers/peer.py", peer, workload, "--batch", batch, "--threads", asked.threads]
        words += ["--size", asked.size] if asked.size else []
        self.process = subprocess.Popen(list(map(str, words)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.messages, text=True, env=environment)
        self.patience = asked.patience

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        self.messages.close()

    def read(self):
        late = threading.Timer(self.patience, self.process.kill)
        late.start()
        line = self.process.stdout.readline()
        in_time = late.is_alive()
        late.cancel()
        if line:
            return json.loads(line)
        if not in_time:
            raise Unavailable(f"not ready within {self.patience:.0f} s")
        self.process.wait()
        self.messages.seek(0)
        said = self.messages.read().strip().splitlines() or ["nothing"]
        raise Unavailable(f"ended with status {self.process.returncode}: {said[-1]}")

    def run(self, times):
        self.process.stdin.write(f"{times}\n")
        self.process.stdin.flush()
        return self.read()


def run_ours(asked, workload, batch):
    words = [asked.mezzotint, "bench", workload, "--json", "--quiet", "--batch", batch, "--iters", asked.iters,
             "--threads", asked.threads, "--device", "cpu"]
    words += ["--size", asked.size] if asked.size else []
    done = subprocess.run(list(map(str, words)), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)["workloads"][0]


def compare(asked, workload, batch, peer):
    """The figures of one pair."""
    rounds = []
    with Peer(asked, peer, workload, batch) as other:
        ready = other.read()
        for number in range(asked.rounds):
            turns = [("ours", lambda: run_ours(asked, workload, batch)), ("peer", lambda: other.run(asked.iters))]
            rounds.append({name: turn() for name, turn in (turns if number % 2 == 0 else turns[::-1])})
            say(f"  round {number + 1}: ours {min(rounds[-1]['ours']['seconds']):.3f} s, "
                f"{peer} {min(rounds[-1]['peer']['seconds']):.3f} s")
    best = [{who: min(turn["seconds"]) for who, turn in one.items()} for one in rounds]
    ratios = [one["peer"] / one["ours"] for one in best]
    memory = {who: max(one[who]["peak_rss_mb"] for one in rounds) for who in ("ours", "peer")}
    return {"ready_s": ready["ready_s"], "versions": ready["versions"],
            "ours_s": statistics.median(one["ours"] for one in best), "peer_s": statistics.median(one["peer"] for one in best),
            "ratio": statistics.median(ratios), "ratio_least": min(ratios), "ratio_most": max(ratios),
            "ours_mb": memory["ours"], "peer_mb": memory["peer"], "memory_ratio": memory["ours"] / memory["peer"],
            "rounds": [{who: turn["seconds"] for who, turn in one.items()} for one in rounds]}


def say(line):
    print(line, file=sys.stderr, flush=True)


def counted_threads(count):
    return f"{count} thread{'s' if count > 1 else ''}"


def row(one):
    if "problem" in one:
        return f"| `{one['workload']}` | {one['batch']} | {NAMES[one['peer']]} | | | {one['problem']} | | | |"
    return (f"| `{one['workload']}` | {one['batch']} | {NAMES[one['peer']]} | {one['ours_s']:.3g} s | {one['peer_s']:.3g} s | "
            f"**{one['ratio']:.2f}** ({one['ratio_least']:.2f}–{one['ratio_most']:.2f}) | {one['ours_mb']:.0f} MB | "
            f"{one['peer_mb']:.0f} MB | {one['memory_ratio']:.2f} |")


def place(one):
    """Where a result stands in the table, whenever it was measured: ours in their order, then others."""
    workload = f"{one['workload']}:{one['batch']}"
    return WORKLOADS.index(workload) if workload in WORKLOADS else len(WORKLOADS), workload, PEERS.index(one["peer"])


def markdown(document):
    """The table, and the sentence that says what it was measured on."""
    versions = {name: version for one in document["results"] for name, version in one.get("versions", {}).items()}
    lines = ["| workload | batch | peer | ours | peer's | times as fast (rounds) | our memory | peer's | share |",
             "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |", *map(row, document["results"]), "",
             f"{document['cpu']}, {counted_threads(document['threads'])}, {document['when'][:10]}; " +
             ", ".join(f"{name} {version}" for name, version in sorted(versions.items())) + "."]
    return "\n".join(lines) + "\n"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=pathlib.Path, required=True, help="JSON file to write")
    parser.add_argument("--markdown", type=pathlib.Path, help="file for the table")
    parser.add_argument("--add", action="store_true", help="keep other results that the file has")
    parser.add_argument("--python", default=sys.executable, help="interpreter with the peers' packages")
    parser.add_argument("--mezzotint", type=pathlib.Path, default=MEZZOTINT)
    parser.add_argument("--workloads", nargs="+", default=WORKLOADS, metavar="NAME[:BATCH]")
    parser.add_argument("--peers", nargs="+", default=PEERS, choices=PEERS, metavar="PEER", help=", ".join(PEERS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--iters", type=int, default=2, help="timed runs in a turn; default 2")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--size", type=int, help="another size of pictures, for a quick look")
    parser.add_argument("--patience", type=float, default=900,
                        help="seconds that a peer may take to compile, or for a turn; default 900")
    parser.add_argument("--jemalloc", default=find_jemalloc(), help="library to preload; default the system's")
    asked = parser.parse_args()
    if not asked.jemalloc and {"channels_last", "compile"} & set(asked.peers):
        parser.error("no libjemalloc.so.2 (Debian: libjemalloc2); name one with --jemalloc")
    return asked


def main():
    asked = arguments()
    document = {"cpu": cpu_name(), "threads": asked.threads, "results": []}
    if asked.add and asked.out.exists():
        document["results"] = json.loads(asked.out.read_text(encoding="utf-8"))["results"]
    for name in asked.workloads:
        workload, _, batch = name.partition(":")
        batch = int(batch or next(word for word in WORKLOADS if word.startswith(workload)).partition(":")[2])
        for peer in asked.peers:
            if workload not in WITHOUT_GRADIENTS.get(peer, (workload,)):
                continue
            say(f"{workload}, batch {batch}, {peer}")
            key = {"workload": workload, "batch": batch, "peer": peer}
            try:
                found = key | compare(asked, workload, batch, peer)
            except Unavailable as why:
                found = key | {"problem": str(why)}
                say(f"  {why}")
            others = [one for one in document["results"] if any(one[name] != value for name, value in key.items())]
            document["results"] = sorted([*others, found], key=place)
            document["when"] = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
            asked.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if asked.markdown:
        asked.markdown.write_text(markdown(document), encoding="utf-8")


if __name__ == "__main__":
    main()
