"""One workload in one form, as a process that run_peers.py talks to: it says when it is ready (the first run is done),
and for each number on stdin it runs the workload as often and says how long each run took, in lines of JSON.

    python benchmarks/peers/peer.py FORM WORKLOAD [--batch N] [--size N] [--threads N]
"""

import argparse
import json
import os
import pathlib
import re
import sys
import time

BEGIN = time.perf_counter()

import diffusers  # noqa: E402  (importing is part of what a user waits for)
import torch  # noqa: E402
from forms import FORMS  # noqa: E402
from workloads import WORKLOADS  # noqa: E402


def peak_rss_mb():
    status = pathlib.Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024 / 1e6


def say(**message):
    print(json.dumps(message), flush=True)


def timed(run):
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("form", choices=FORMS)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--size", type=int)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    asked = parser.parse_args()

    torch.set_num_threads(asked.threads)
    torch.manual_seed(0)
    make, batch, size = WORKLOADS[asked.workload]
    run = make(asked.batch or batch, asked.size or size, FORMS[asked.form](asked.threads))
    run()
    versions = {"torch": torch.__version__, "diffusers": diffusers.__version__}
    if "openvino" in sys.modules:
        versions["openvino"] = sys.modules["openvino"].__version__.split("-")[0]
    say(ready_s=time.perf_counter() - BEGIN, versions=versions)
    for line in sys.stdin:
        seconds = [timed(run) for _ in range(int(line))]
        say(seconds=seconds, peak_rss_mb=peak_rss_mb())


if __name__ == "__main__":
    main()
