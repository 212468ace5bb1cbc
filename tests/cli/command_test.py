"""What all verbs share: usage errors, options everywhere, signals. Usage: command_test.py PATH-OF-MEZZOTINT."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

MEZZOTINT = sys.argv.pop()
MODEL = pathlib.Path(__file__).resolve().parents[1] / "pipelines/data/ddpm"


def run(*args, **options):
    return subprocess.run([MEZZOTINT, *map(str, args)], capture_output=True, text=True, check=False, **options)


class Command(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.png = pathlib.Path(scratch.name) / "out.png"

    def refused(self, words, *args):
        done = run(*args)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("mezzotint: error: "), done.stderr)
        self.assertIn(words, done.stderr)

    def test_version_and_help(self):
        self.assertRegex(run("--version").stdout, r"^mezzotint \d+\.\d+\.\d+\n$")
        for args in (["--help"], ["help"], ["sample", "--help"], ["help", "sample"]):
            done = run(*args)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("--device", done.stdout)

    def test_every_verb_has_help(self):
        verbs = run("--help").stdout.partition("Subcommands:")[2].split("\n\n")[0]
        names = [line.split()[0] for line in verbs.splitlines() if line.startswith("  ") and line[2] != " "]
        self.assertTrue({"sample", "info", "schedule", "train", "finetune", "resume", "data"} <= set(names), names)
        for name in names:
            self.assertEqual(run(name, "--help").returncode, 0, name)

    def test_no_verb(self):
        done = run()
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("sample", done.stderr)

    def test_wrong_usage_names_the_nearest(self):
        self.refused("unknown verb 'smaple', did you mean 'sample'?", "smaple", MODEL)
        self.refused("unknown option --stpes, did you mean '--steps'?", "sample", MODEL, "--stpes", 4)
        self.refused("unexpected argument 'more'", "sample", MODEL, "more", "-o", self.png)
        self.refused("MODEL is required", "sample", "-o", self.png)
        self.refused("--steps", "sample", MODEL, "-o", self.png, "--steps", "many")
        self.refused("--seed: got '-1', wanted a whole number", "sample", MODEL, "-o", self.png, "--seed", "-1")
        self.refused("--device: got 'gpu', wanted auto, cpu, cuda or cuda:N", "info", MODEL, "--device", "gpu")
        self.refused("--device: got 'cuda:x'", "info", MODEL, "--device", "cuda:x")

    def test_a_device_that_is_not_there(self):
        done = run("info", MODEL, "--device", "mps")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--device mps: not built", done.stderr)
        done = run("info", MODEL, "--device", "cuda:99")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--device cuda:99", done.stderr)

    def test_options_stand_before_or_after_the_verb_and_take_underscores(self):
        common = ("sample", MODEL, "-o", self.png, "--steps", 2)
        for args in (("--seed", 5, "--json", *common), (*common, "--seed=5", "--json", "--preview_every", 0)):
            done = run(*args)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["recipe"]["seed"], 5)

    def test_without_a_terminal_there_is_no_bar_and_no_colour(self):
        done = run("sample", MODEL, "-o", self.png, "--steps", 3)
        self.assertNotIn("\033", done.stderr)
        self.assertNotIn("\r", done.stderr)
        self.assertRegex(done.stderr, r"sampling: 3 steps in .* s")
        self.assertEqual(run("sample", MODEL, "-o", self.png, "--steps", 3, "--quiet").stderr, "")

    def stopped_by(self, *signals):
        with subprocess.Popen([MEZZOTINT, "sample", str(MODEL), "-o", str(self.png), "-n", "64"],
                              stderr=subprocess.PIPE, text=True) as process:
            time.sleep(1.5)  # start-up takes a moment; all 1000 steps take many seconds
            for number in signals:
                process.send_signal(number)
            message = process.stderr.read()
        return process.returncode, message

    def test_signals_stop_it(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            status, message = self.stopped_by(number)
            self.assertEqual(status, 128 + number, message)
            self.assertIn("once more stops at once", message)
            self.assertFalse(self.png.exists())
        self.assertEqual(self.stopped_by(signal.SIGTERM, signal.SIGTERM)[0], 143)

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs /dev/full")
    def test_output_that_does_not_arrive_is_an_error(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([MEZZOTINT, "info", str(MODEL), "--json"], stdout=full, stderr=subprocess.PIPE,
                                  text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("stdout: cannot write", done.stderr)

    def test_a_reader_that_leaves_is_none(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([MEZZOTINT, "info", str(MODEL), "--json", "--no-forecast"], stdout=writer,
                              stderr=subprocess.PIPE, text=True, check=False)
        os.close(writer)
        self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    unittest.main()
