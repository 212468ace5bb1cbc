"""`mezzotint sweep` over a tiny network, as a user runs it. Usage: sweep_test.py PATH-OF-MEZZOTINT."""

import csv
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import png
from tiny_net import TINY_NET

MEZZOTINT = sys.argv.pop()
TINY = [*TINY_NET, "--batch-size", 4, "--sample-count", 1, "--sample-steps", 1,
        "--log-samples-every", 0, "--log-every", 1]


class Sweep(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name).resolve()
        (self.folder / "pictures").mkdir()
        for i in range(6):
            png.write(self.folder / f"pictures/{i}.png", [40 * i, 20, 20])
        self.environment = {**os.environ, "MEZZOTINT_RUNS": str(self.folder / "runs.sqlite"), "OMP_NUM_THREADS": "1"}

    def words(self, *args, out="grid", data="pictures"):
        return [str(word) for word in [MEZZOTINT, "sweep", "--data", data, "-o", out, *TINY, *args]]

    def sweep(self, *args, **places):
        return subprocess.run(self.words(*args, **places), capture_output=True, text=True, check=False, cwd=self.folder,
                              env=self.environment)

    def runs(self):
        done = subprocess.run([MEZZOTINT, "runs", "--json"], capture_output=True, text=True, check=True, env=self.environment)
        return json.loads(done.stdout)["runs"]

    def table(self):
        with (self.folder / "grid/sweep.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    def test_a_run_for_each_combination(self):
        done = self.sweep("--grid", "lr=1e-5,0.001", "--grid", "batch-size=2,4", "--num-epochs", 1)
        self.assertEqual(done.returncode, 0, done.stderr)
        names = ["lr=1e-05,batch_size=2", "lr=1e-05,batch_size=4", "lr=0.001,batch_size=2", "lr=0.001,batch_size=4"]
        rows = self.table()
        self.assertEqual([pathlib.Path(row["folder"]).name for row in rows], names)
        self.assertEqual([row["updates"] for row in rows], ["3", "2", "3", "2"])
        self.assertEqual({row["images"] for row in rows}, {"6"})
        for row in rows:
            self.assertEqual(row["status"], "done")
            lines = list(map(json.loads, (pathlib.Path(row["folder"]) / "metrics.jsonl").read_text().splitlines()))
            self.assertEqual(float(row["epoch_loss"]), [line["value"] for line in lines if line["name"] == "epoch_loss"][-1])
            config = json.loads((pathlib.Path(row["folder"]) / "config.json").read_text())
            self.assertEqual((config["training"]["lr"], config["training"]["batch_size"]),
                             (float(row["lr"]), int(row["batch_size"])))
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], r"^ *lr +batch_size +updates +images +loss +epoch loss +validation +time +images/s +status +folder$")
        self.assertEqual([line.split()[-1] for line in lines[1:]], [f"grid/{name}" for name in names])
        self.assertIn("lowest smoothed training loss: ", done.stderr)
        self.assertIn("training losses of runs that differ by batch_size don't compare; in a new sweep, "
                      "--validation-count 32", done.stderr)
        page = (self.folder / "grid/sweep.html").read_text()
        self.assertIn("Lowest smoothed training loss: ", page)
        self.assertEqual((page.count('src="data:image/svg'), page.count('src="data:image/png')), (1, 4))
        self.assertEqual({entry["verb"] for entry in self.runs()}, {"sweep"})
        self.assertEqual(len(self.runs()), 4)
        began = time.time()
        again = self.sweep("--grid", "lr=1e-5,0.001", "--grid", "batch-size=2,4", "--num-epochs", 1, "--json")
        self.assertEqual(again.returncode, 0, again.stderr)
        document = json.loads(again.stdout)
        self.assertEqual((document["schema"], [run["name"] for run in document["runs"]]), ("mezzotint/sweep/1", names))
        self.assertEqual(document["runs"][0]["settings"], {"lr": 1e-5, "batch_size": 2})
        self.assertIn(document["best"], names)
        self.assertEqual(document["ranked_by"], "loss")
        self.assertIn("batch_size", document["doubt"])
        self.assertIn("4 were made before", again.stderr)
        self.assertTrue(all(entry["changed"] < began for entry in self.runs()))

    def test_a_failed_run_is_tabulated_and_the_rest_go_on(self):
        grid = ["--grid", "lr=1000,1e-4", "--num-epochs", 60, "--max-train-steps", 60]
        done = self.sweep(*grid, "--quiet")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("sweep: 1 of 2 runs failed: lr=1000", done.stderr.splitlines()[-1])
        hot, mild = self.table()
        self.assertEqual((hot["status"], mild["status"], mild["updates"]), ("failed", "done", "60"))
        self.assertIn("try a smaller lr", hot["error"])
        self.assertIn("try a smaller lr", (self.folder / "grid/sweep.html").read_text())
        self.assertRegex(done.stdout.splitlines()[1], r" failed +grid/lr=1000$")
        began = time.time()
        self.assertEqual(self.sweep(*grid, "--quiet").returncode, 1)
        self.assertTrue(all(entry["changed"] < began for entry in self.runs()))
        self.assertEqual(self.sweep(*grid, "--quiet", "--retry").returncode, 1)
        self.assertEqual(sum(entry["changed"] > began for entry in self.runs()), 1)

    def test_interrupted_it_goes_on(self):
        args = ["--grid", "seed=1,2,3", "--num-epochs", 900, "--max-train-steps", 900, "--quiet"]
        process = subprocess.Popen(self.words(*args), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                   cwd=self.folder, env=self.environment)
        metrics = self.folder / "grid/seed=2/metrics.jsonl"
        while process.poll() is None and not (metrics.exists() and metrics.stat().st_size > 0):
            time.sleep(0.01)
        self.assertIn("another process is at work", self.sweep(*args).stderr)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate()
        self.assertEqual((process.returncode, out), (130, ""), said)
        self.assertIn("the same command goes on", said)
        self.assertEqual([row["status"] for row in self.table()], ["done", "stopped", "waiting"])
        first = (self.folder / "grid/seed=1/metrics.jsonl").stat().st_mtime
        done = self.sweep(*args)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([(row["status"], row["updates"]) for row in self.table()], [("done", "900")] * 3)
        self.assertEqual((self.folder / "grid/seed=1/metrics.jsonl").stat().st_mtime, first)
        texts = [line["value"] for line in map(json.loads, metrics.read_text().splitlines()) if line["name"] == "resumed"]
        self.assertEqual(len(texts), 1)

    def test_a_dry_run_shows_the_grid_and_writes_nothing(self):
        grid = ["--grid", "lr=1e-5,0.001", "--grid", "batch-size=2,4", "--num-epochs", 1]
        done = self.sweep(*grid, "--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], r"^ *lr +batch_size +updates +an update +time +memory +status +folder$")
        self.assertEqual([line.split()[:3] for line in lines[1:]],
                         [["1e-05", "2", "3"], ["1e-05", "4", "2"], ["0.001", "2", "3"], ["0.001", "4", "2"]])
        for line in lines[1:]:
            self.assertRegex(line, r" s +[0-9].* MB +waiting +grid/lr=")
        self.assertRegex(done.stderr, r"forecast: about .* in all, until .*, and \d+ MB")
        self.assertIn("nothing was written", done.stderr)
        self.assertEqual({path.name for path in self.folder.iterdir()}, {"pictures"})
        document = json.loads(self.sweep(*grid, "--dry-run", "--json").stdout)
        self.assertEqual(document["schema"], "mezzotint/sweep-plan/1")
        self.assertEqual(document["runs"][3]["settings"], {"lr": 0.001, "batch_size": 4})
        forecasts = [run["forecast"] for run in document["runs"]]
        self.assertAlmostEqual(document["seconds"], sum(forecast["seconds"] for forecast in forecasts))
        self.assertEqual(document["peak_memory_mb"], max(forecast["peak_memory_mb"] for forecast in forecasts))
        # Measured once for both learning rates.
        self.assertEqual(forecasts[:2], forecasts[2:])

    def test_a_dry_run_says_what_is_left(self):
        few = ["--max-train-steps", 2, "--num-epochs", 9, "--quiet"]
        self.assertEqual(self.sweep("--grid", "lr=1e-3", *few).returncode, 0)
        before = (self.folder / "grid/sweep.json").read_bytes()
        document = json.loads(self.sweep("--grid", "lr=1e-3,1e-4", *few, "--dry-run", "--json").stdout)
        self.assertEqual([(run["status"], run["updates"], run["forecast"] is None) for run in document["runs"]],
                         [("done", 0, True), ("waiting", 2, False)])
        more = ["--max-train-steps", 5, "--num-epochs", 9, "--quiet", "--dry-run", "--json"]
        document = json.loads(self.sweep("--grid", "lr=1e-3,1e-4", *more).stdout)
        self.assertEqual([run["updates"] for run in document["runs"]], [3, 5])
        self.assertEqual((self.folder / "grid/sweep.json").read_bytes(), before)
        self.assertFalse((self.folder / "grid/lr=0.0001").exists())

    def test_a_run_whose_folder_was_removed_is_made_again(self):
        args = ["--grid", "lr=1e-3,1e-4", "--max-train-steps", 1]
        self.assertEqual(self.sweep(*args).returncode, 0)
        shutil.rmtree(self.folder / "grid/lr=0.001")
        done = self.sweep(*args)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("lr=0.001: its folder is gone; to be made again", done.stderr)
        self.assertEqual([(row["status"], row["updates"]) for row in self.table()], [("done", "1")] * 2)
        self.assertTrue((self.folder / "grid/lr=0.001/model").is_dir())

    def test_fewer_values_keep_the_runs_that_are_there(self):
        few = ["--max-train-steps", 1, "--quiet"]
        self.assertEqual(self.sweep("--grid", "lr=1e-2,1e-3,1e-4", *few).returncode, 0)
        shutil.rmtree(self.folder / "grid/lr=0.01")
        done = self.sweep("--grid", "lr=1e-4", *few)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([row["lr"] for row in self.table()], ["0.0001", "0.001"])
        self.assertEqual([row["status"] for row in self.table()], ["done", "done"])
        self.assertEqual(len(done.stdout.splitlines()), 3)

    def test_what_resume_may_change_goes_on(self):
        grid = ["--grid", "lr=1e-3,1e-4", "--num-epochs", 9, "--quiet"]
        self.assertEqual(self.sweep(*grid, "--max-train-steps", 2).returncode, 0)
        began = time.time()
        changes = ["--on-nonfinite", "skip", "--save-model-every", 7, "--keep-checkpoints", 3]
        done = self.sweep(*grid, "--max-train-steps", 2, *changes)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(all(entry["changed"] < began for entry in self.runs()))
        done = self.sweep(*grid, "--max-train-steps", 5, *changes)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([(row["status"], row["updates"]) for row in self.table()], [("done", "5")] * 2)
        training = json.loads((self.folder / "grid/lr=0.001/config.json").read_text())["training"]
        self.assertEqual((training["max_train_steps"], training["on_nonfinite"]), (5, "skip"))

    def test_adapters_can_be_swept(self):
        self.assertEqual(self.sweep("--grid", "lr=1e-3", "--max-train-steps", 1, "--quiet", out="base").returncode, 0)
        words = [MEZZOTINT, "sweep", "--data", "pictures", "-o", "grid", "--init", "base/lr=0.001/model",
                 "--grid", "lora.rank=1,2", "--grid", "lora.alpha=0,4", "--lr", "1e-3", "--max-train-steps", "1",
                 "--batch-size", "4", "--sample-count", "0", "--quiet"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=self.folder, env=self.environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([(row["lora.rank"], row["lora.alpha"], row["status"]) for row in self.table()],
                         [("1", "0", "done"), ("1", "4", "done"), ("2", "0", "done"), ("2", "4", "done")])
        adapter = json.loads((self.folder / "grid/lora.rank=2,lora.alpha=4/adapter/adapter_config.json").read_text())
        self.assertEqual((adapter["r"], adapter["lora_alpha"]), (2, 4.0))

    def test_the_best_is_by_comparable_losses(self):
        few = ["--max-train-steps", 1, "--num-epochs", 9]
        done = self.sweep("--grid", "lr=1e-3,1e-4", *few)
        self.assertIn("lowest smoothed training loss: lr=", done.stderr)
        self.assertNotIn("don't compare", done.stderr)
        done = self.sweep("--grid", "batch_size=2,3", *few, "--validation-count", 2, out="validated")
        self.assertIn("lowest validation loss: batch_size=", done.stderr)
        self.assertNotIn("don't compare", done.stderr)
        done = self.sweep("--grid", "seed=1,2", *few, "--validation-count", 2, out="seeds")
        self.assertIn("validation losses of runs that differ by seed don't compare", done.stderr)
        self.assertIn("differ by seed don", (self.folder / "seeds/sweep.html").read_text())

    def test_a_wider_grid_goes_on_and_another_is_refused(self):
        few = ["--max-train-steps", 1, "--quiet"]
        self.assertEqual(self.sweep("--grid", "lr=1e-3", *few).returncode, 0)
        done = self.sweep("--grid", "lr=1e-3,1e-4", *few)
        self.assertEqual((done.returncode, len(self.table())), (0, 2), done.stderr)
        for args, out, words in ((["--grid", "warmup=1", *few], "grid", "holds a sweep over lr"),
                                 (["--grid", "lr=1e-3", *few, "--warmup", 2], "grid", "warmup is 100 there, 2 here"),
                                 (["--grid", "lr=1e-3"], "pictures", "neither a sweep nor an empty folder")):
            with self.subTest(words):
                done = self.sweep(*args, out=out)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(words, done.stderr)

    def test_the_network_can_be_swept(self):
        done = self.sweep("--grid", "model.block_out_channels=[8,16],[16,16]", "--max-train-steps", 1, "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([row["model.block_out_channels"] for row in self.table()], ["8,16", "16,16"])
        self.assertTrue((self.folder / "grid/model.block_out_channels=8-16/model").is_dir())

    def test_what_is_wrong_is_said_first_and_leaves_nothing(self):
        for args, code, words, *data in (
            (["--grid", "learning_rat=1"], 2, "unknown setting 'learning_rat'"),
            (["--grid", "lr=1,fast"], 2, "got 'fast', wanted a number"),
            (["--grid", "seed=" + ",".join(map(str, range(201)))], 2, "more than 200 runs"),
            (["--grid", "lr=1,2"], 1, "nothing", "nothing"),
            (["--grid", "transform.height=8,9"], 2, "multiples of 2"),
            (["--grid", "model.norm_num_groups=4,8", "--init", "emoji-32"], 2, "decides its network"),
            (["--grid", "freeze=[conv_in.*],[nothing*]"], 2, "freeze=nothing_-"),
            (["--grid", "train_only=[conv_in.*],[nothing*]"], 2, "no parameter is called 'nothing*'"),
            (["--grid", "label_dropout=0,0.1"], 2, "label_dropout=0.1: training: label_dropout needs"),
            (["--grid", "lora.rank=0,2"], 2, "lora.rank=2: training: lora adapts a pretrained network"),
            (["--grid", "lr=1e-3", "--max-train-steps", "1", "--grid", "sample_scheduler=ddim,unipc"], 2, "unipc"),
            ([], 2, "--grid"),
        ):
            with self.subTest(words):
                done = self.sweep(*args, data=(data or ["pictures"])[0])
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(words, done.stderr.splitlines()[-1])
                self.assertFalse((self.folder / "grid").exists())


if __name__ == "__main__":
    unittest.main()
