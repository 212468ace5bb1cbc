"""`mezzotint bench` as a user runs it, on small pictures. Usage: bench_test.py PATH-OF-MEZZOTINT."""

import json
import pathlib
import signal
import statistics
import subprocess
import sys
import time
import unittest

MEZZOTINT = sys.argv.pop()
QUICK = ("--batch", 1, "--size", 32, "--iters", 1)


def bench(*args):
    return subprocess.run([MEZZOTINT, "bench", *map(str, args)], capture_output=True, text=True, check=False)


def workloads(*args):
    done = bench(*args, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["schema"] == "mezzotint/bench/1"
    return found["workloads"]


def children(process):
    listed = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(child) for child in listed.read_text().split()]


class Bench(unittest.TestCase):
    def test_figures_of_a_workload(self):
        one, = workloads("train-mnist-28", "--batch", 3, "--iters", 4, "--threads", 1)
        self.assertEqual({key: one[key] for key in ("name", "batch", "size", "iters", "threads", "device")},
                         {"name": "train-mnist-28", "batch": 3, "size": 28, "iters": 4, "threads": 1, "device": "cpu"})
        self.assertEqual(len(one["seconds"]), 4)
        self.assertGreater(one["min_s"], 0)
        self.assertEqual(one["min_s"], min(one["seconds"]))
        self.assertAlmostEqual(one["median_s"], statistics.median(one["seconds"]))

    def test_each_workload_has_its_own_peak(self):
        first, second = workloads("finetune-celebahq-128", "train-mnist-28", *QUICK)
        self.assertLess(second["peak_rss_mb"], 0.5 * first["peak_rss_mb"])

    def test_gradient_checkpointing_takes_less_memory(self):
        same = ("guide-celebahq-256", "--size", 128, "--iters", 1)
        kept, = workloads(*same)
        again, = workloads(*same, "--gradient-checkpointing")
        self.assertLess(again["peak_rss_mb"], kept["peak_rss_mb"] - 50)

    def test_all_by_default_and_in_the_order_asked_for(self):
        names = [workload["name"] for workload in workloads(*QUICK)]
        self.assertEqual(names, ["finetune-celebahq-128", "guide-celebahq-256", "sample-celebahq-256",
                                 "train-mnist-28"])
        names = [workload["name"] for workload in workloads("train-mnist-28", "sample-celebahq-256", *QUICK)]
        self.assertEqual(names, ["train-mnist-28", "sample-celebahq-256"])

    def test_the_table(self):
        done = bench("train-mnist-28", "--batch", 2, "--iters", 1)
        self.assertRegex(done.stdout, r"(?m)^train-mnist-28 +2 +1 +[\d.]+ s +[\d.]+ s +\d+ MB  cpu$")

    def test_a_size_that_a_network_cannot_halve_is_refused(self):
        done = bench("train-mnist-28", "sample-celebahq-256", "--size", 100)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr.splitlines()[0], "mezzotint: error: --size: got 100, wanted a multiple of 32 for "
                                                      "sample-celebahq-256")

    def test_what_goes_wrong_in_the_child_is_told_as_elsewhere(self):
        done = bench("train-mnist-28", "--batch", 100000000)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("not enough memory", done.stderr)

    def test_a_stop_leaves_no_process(self):
        process = subprocess.Popen([MEZZOTINT, "bench", "train-mnist-28", "--iters", "999"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        while not (started := children(process)):
            self.assertIsNone(process.poll())
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=30)
        self.assertEqual((process.returncode, stdout), (130, ""))
        self.assertIn("stopped in bench train-mnist-28", stderr)
        self.assertFalse(any(pathlib.Path(f"/proc/{child}").exists() for child in started))


if __name__ == "__main__":
    unittest.main()
