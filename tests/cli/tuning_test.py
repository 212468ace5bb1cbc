"""What the command measures of the machine and keeps. Usage: tuning_test.py PATH-OF-MEZZOTINT."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

MEZZOTINT = pathlib.Path(sys.argv.pop()).resolve()
MODEL = pathlib.Path(__file__).resolve().parents[1] / "pipelines/data/ddpm"


class Tuning(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.file = self.scratch / "cache/mezzotint/tuning.json"

    def sampled(self, tune=None, cache="cache"):
        """The bytes of a sample."""
        env = {k: v for k, v in os.environ.items() if k not in ("MEZZOTINT_TUNE", "HOME")}
        env |= {"OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(self.scratch / cache)}
        if tune is not None:
            env["MEZZOTINT_TUNE"] = tune
        done = subprocess.run([MEZZOTINT, "sample", MODEL, "-o", "out.safetensors", "--steps", "2"], cwd=self.scratch,
                              env=env, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return (self.scratch / "out.safetensors").read_bytes()

    def test_measured_once_and_read_ever_after(self):
        first = self.sampled()
        kept = self.file.read_bytes()
        (costs,) = json.loads(kept)["machines"].values()
        for tile in ("winograd_4", "winograd_6"):
            for part in ("product", "transform", "filter"):
                self.assertGreater(costs[tile][part], 0)
        self.assertEqual(self.sampled(), first)
        self.assertEqual(self.file.read_bytes(), kept)

    def test_a_damaged_file_is_measured_anew_and_other_machines_stay(self):
        self.file.parent.mkdir(parents=True)
        for damaged in ("", "[1, 2]", '{"schema": "mezzotint/tuning/1", "machines": 3}'):
            with self.subTest(damaged):
                self.file.write_text(damaged, "utf-8")
                self.sampled()
                self.assertEqual(len(json.loads(self.file.read_text("utf-8"))["machines"]), 1)
        document = json.loads(self.file.read_text("utf-8"))
        (mine,) = document["machines"]
        document["machines"] = {mine: {"winograd_4": {"product": "fast"}}, "another": {"kept": True}}
        self.file.write_text(json.dumps(document), "utf-8")
        self.sampled()
        machines = json.loads(self.file.read_text("utf-8"))["machines"]
        self.assertEqual(machines["another"], {"kept": True})
        self.assertGreater(machines[mine]["winograd_4"]["product"], 0)

    def test_off_measures_nothing(self):
        self.sampled("off")
        self.assertFalse(self.file.exists())

    def test_without_a_place_to_keep_it_the_choice_is_the_fixed_one(self):
        (self.scratch / "taken").write_text("a file where the folder should be", "utf-8")
        self.assertEqual(self.sampled(cache="taken"), self.sampled("off"))

    def test_another_value_is_refused(self):
        done = subprocess.run([MEZZOTINT, "schedule", "ddpm"], env=os.environ | {"MEZZOTINT_TUNE": "maybe"},
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, "mezzotint: error: MEZZOTINT_TUNE: got 'maybe', wanted on or off\n")


if __name__ == "__main__":
    unittest.main()
