"""The scripts below benchmarks/, without measuring: what they write, and that docs/performance.md shows the figures beside
it. Usage: benchmarks_test.py SOURCE MEZZOTINT."""

import pathlib
import re
import subprocess
import sys
import unittest
import xml.dom.minidom

MEZZOTINT = pathlib.Path(sys.argv.pop()).resolve()
ROOT = pathlib.Path(sys.argv.pop()).resolve()
sys.path.insert(0, str(ROOT / "benchmarks"))
sys.dont_write_bytecode = True
import measure  # noqa: E402
import op_results  # noqa: E402
import roofline  # noqa: E402
import run_peers  # noqa: E402


def benchmark(name, seconds, flops, repetition=0):
    return {"name": f"{name}/real_time", "run_type": "iteration", "repetition_index": repetition, "time_unit": "ms",
            "real_time": 1000 * seconds, "flops": flops, "bytes": 8e6}


def found():
    """A document of Google Benchmark with all that the table shows: ours takes 10 ms, then 8; LibTorch 24."""
    benchmarks = [{"name": "conv3x3_forward/fast/x/real_time_mean", "run_type": "aggregate"}]
    for op, shape in op_results.CHOSEN:
        flops = 1.6e9 if op.startswith(("conv", "residual", "attention")) else 0
        benchmarks += [benchmark(f"{op}/fast/{shape}", seconds, flops) for seconds in (0.010, 0.008)]
        benchmarks.append(benchmark(f"{op}/reference/{shape}", 0.024, flops))
    return {"context": {"threads": "2", "date": "2026-11-24T18:00:00", "peak_gflops": "100", "peak_gbytes": "20"},
            "benchmarks": benchmarks}


class Benchmarks(unittest.TestCase):
    def test_the_best_repetition_counts(self):
        short = op_results.shorten(found())
        self.assertEqual(len(short["ops"]), 2 * len(op_results.CHOSEN))
        self.assertEqual({one["s"] for one in short["ops"] if one["engine"] == "fast"}, {0.008})
        table = op_results.markdown(short)
        self.assertIn("| conv3x3 forward | c 128, px 256, n 1 | 200 GFLOP/s | 2.00 | 67 GFLOP/s | 3.0 |", table)
        self.assertIn("| adamw clipped | tensors 100, floats 100000 | 1 GB/s | 0.05 | 0 GB/s | 3.0 |", table)

    def test_the_roofline_has_every_operation_that_computes(self):
        short = op_results.shorten(found())
        drawn = xml.dom.minidom.parseString(roofline.roofline(short))
        titles = [node.firstChild.data for node in drawn.getElementsByTagName("title")]
        self.assertEqual(len(titles), 1 + sum(one["flops"] > 0 for one in short["ops"]))
        self.assertIn("conv3x3_forward c:128/px:256/n:1, fast: 200 GFLOP/s", titles)
        for node in drawn.getElementsByTagName("circle"):
            self.assertTrue(0 < float(node.getAttribute("cx")) < 860 and 0 < float(node.getAttribute("cy")) < 560)

    def test_the_table_of_peers(self):
        one = {"workload": "train-mnist-28", "batch": 128, "peer": "eager", "ours_s": 1.0, "peer_s": 4.5, "ratio": 4.5,
               "ratio_least": 4.25, "ratio_most": 4.75, "ours_mb": 500, "peer_mb": 1000, "memory_ratio": 0.5,
               "versions": {"torch": "2.13"}}
        late = {"workload": "train-mnist-28", "batch": 128, "peer": "compile", "problem": "not ready within 900 s"}
        table = run_peers.markdown({"cpu": "A", "threads": 2, "when": "2026-11-24T18:00", "results": [one, late]})
        self.assertIn("| diffusers | 1 s | 4.5 s | **4.50** (4.25–4.75) | 500 MB | 1000 MB | 0.50 |", table)
        self.assertIn("not ready within 900 s", table)
        self.assertIn("A, 2 threads, 2026-11-24; torch 2.13.", table)

    def test_the_peers_do_what_bench_does(self):
        page = subprocess.run([MEZZOTINT, "bench", "--help"], capture_output=True, text=True, check=True).stdout
        batches = dict(re.findall(r"(\w+-\w+-\d+)\s+(\d+)", page.partition("--batch")[2].partition("--size")[0]))
        self.assertEqual(len(batches), 4)
        text = (ROOT / "benchmarks/peers/workloads.py").read_text(encoding="utf-8")
        self.assertEqual(dict(re.findall(r'"(\w+-\w+-\d+)": \(\w+, (\d+), ', text)), batches)
        self.assertEqual({name.partition(":")[0] for name in run_peers.WORKLOADS}, set(batches))

    def test_the_page_shows_the_figures(self):
        for file, text in measure.pages().items():
            self.assertEqual(file.read_text(encoding="utf-8"), text, f"{file}: run benchmarks/measure.py --show")


if __name__ == "__main__":
    unittest.main()
