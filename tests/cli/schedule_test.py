"""`mezzotint schedule` as a user runs it. Usage: schedule_test.py PATH-OF-MEZZOTINT."""

import csv
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

MEZZOTINT = sys.argv.pop()
CONFIG = {"_class_name": "DDPMScheduler", "_diffusers_version": "0.1.1", "num_train_timesteps": 1000,
          "variance_type": "fixed_small"}


def run(*args):
    return subprocess.run([MEZZOTINT, "schedule", *map(str, args)], capture_output=True, text=True, check=False)


class Schedule(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.file = self.folder / "scheduler_config.json"
        self.file.write_text(json.dumps(CONFIG))

    def test_table_shows_each_step(self):
        done = run(self.folder, "--scheduler", "ddim", "--steps", 40)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [line.split() for line in done.stdout.splitlines()]
        self.assertEqual(rows[0], ["step", "timestep", "alphas_cumprod", "sigma", "snr"])
        self.assertEqual([row[1] for row in rows[1:]], [str(t) for t in range(975, -1, -25)])
        self.assertIn("starts at t = 975, not at 999", done.stderr)

    def test_long_tables_are_shortened_unless_all_is_wanted(self):
        self.assertEqual(len(run(self.file).stdout.splitlines()), 41)
        self.assertEqual(len(run(self.file, "--all").stdout.splitlines()), 1001)

    def test_csv_and_json_agree(self):
        rows = list(csv.DictReader(io.StringIO(run(self.file, "--steps", 7, "--csv").stdout)))
        document = json.loads(run(self.file, "--steps", 7, "--json").stdout)
        self.assertEqual(document["schema"], "mezzotint/schedule/1")
        self.assertEqual(document["scheduler"], "DDPMScheduler")
        self.assertEqual(len(rows), 7)
        for row, step in zip(rows, document["steps"], strict=True):
            self.assertEqual(float(row["timestep"]), step["timestep"])
            self.assertAlmostEqual(float(row["snr"]) / step["snr"], 1, places=6)

    def test_a_scheduler_in_its_folder(self):
        inner = self.folder / "scheduler"
        inner.mkdir()
        self.file.rename(inner / "scheduler_config.json")
        (self.folder / "model_index.json").write_text(json.dumps(
            {"_class_name": "DDIMPipeline", "unet": ["diffusers", "UNet2DModel"],
             "scheduler": ["diffusers", "DDPMScheduler"]}))
        document = json.loads(run(self.folder, "--json").stdout)
        self.assertEqual(document["scheduler"], "DDIMScheduler")  # what a DDIMPipeline samples with
        self.assertEqual(len(document["steps"]), 50)

    def test_plots(self):
        for ending, begins in ((".svg", b"<?xml"), (".png", b"\x89PNG")):
            plot = self.folder / f"plot{ending}"
            self.assertEqual(run(self.file, "--plot", plot).returncode, 0)
            self.assertTrue(plot.read_bytes().startswith(begins))

    def test_bad_input(self):
        for args, code, words in (
            ((self.file, "--scheduler", "ddmi"), 2, "did you mean 'ddim'"),
            ((self.file, "--steps", "1001"), 2, "wanted 1 to 1000"),
            ((self.file, "--steps", "0"), 2, "--steps"),
            ((self.file, "--plot", self.folder / "plot.gif"), 2, "wanted .svg or .png"),
            ((self.file, "--csv", "--json"), 2, "one of them"),
            ((self.folder / "nothing",), 1, "nothing"),
            ((), 2, "MODEL"),
        ):
            done = run(*args)
            self.assertEqual(done.returncode, code, (args, done.stderr))
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_broken_files(self):
        for text in ("{", "[]", '{"_class_name": "DDPMScheduler", "beta_start": "x"}',
                     '{"_class_name": "DDPMScheduler", "num_train_timesteps": 1e300}',
                     '{"_class_name": 3}', '{"_class_name": "PNDMScheduler"}'):
            self.file.write_text(text)
            done = run(self.file)
            self.assertEqual(done.returncode, 1, (text, done.stderr))
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_guidance_schedule(self):
        words = ("emoji-32", "--scheduler", "ddim", "--steps", "5")
        table = run(*words, "--guidance-schedule", "table:1,0", "--csv").stdout.splitlines()
        self.assertEqual(table[0].split(",")[-1], "guidance")
        self.assertEqual([float(line.split(",")[-1]) for line in table[1:]], [1, 0.75, 0.5, 0.25, 0])
        steps = json.loads(run(*words, "--guidance-schedule", "abar", "--json").stdout)["steps"]
        self.assertEqual([step["guidance"] for step in steps], [step["alphas_cumprod"] for step in steps])
        loop = json.loads(run(*words, "--guidance-schedule", "abar", "--guidance-index", "loop", "--json").stdout)["steps"]
        self.assertGreater(loop[0]["guidance"], 0.99)
        wrong = run(*words, "--guidance-schedule", "sqrt")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("--guidance-schedule: unknown schedule 'sqrt'", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
