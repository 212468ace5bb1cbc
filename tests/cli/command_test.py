"""What all verbs share: usage errors, options everywhere, signals. Usage: command_test.py PATH-OF-MEZZOTINT."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from help_page import HelpPages

MEZZOTINT = sys.argv.pop()
HELP = HelpPages(MEZZOTINT)
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
        self.assertLessEqual({"sample", "info", "schedule", "train", "finetune", "resume", "data"}, set(HELP.verbs()))
        for words in filter(None, HELP.paths()):
            with self.subTest(words):
                done = run(*words, "--help")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                page = done.stdout
                self.assertTrue(page.startswith(f"mezzotint {' '.join(words)}: "), page)
                self.assertTrue(page.endswith("stopped by a signal.\n"), page)
                self.assertIn(f"\n\nUsage: mezzotint {' '.join(words)} ", page)
                self.assertNotRegex(page, r"\n\n\n| \n|REQUIRED|\{|TEXT:|Subcommand|Positional")
                self.assertLessEqual(max(map(len, page.splitlines())), 100)
                self.assertNotRegex(page, r"(?m)^  \S+(?: \S+)*\n(?! {30}\S)")  # a name without what it means

    def test_usage_shows_what_is_required(self):
        for words, usage in ((("sample",), "sample MODEL -o OUT [OPTIONS]"), (("info",), "info MODEL [OPTIONS]"),
                             (("data",), "data VERB [OPTIONS]"), (("finetune",), "finetune MODEL -o DIR [OPTIONS]"),
                             (("train",), "train -o DIR [OPTIONS]"),
                             (("data", "preview"), "data preview DATA -o FILE [OPTIONS]")):
            self.assertIn(f"\nUsage: mezzotint {usage}\n", run(*words, "--help").stdout)

    def test_defaults_of_train_are_those_of_its_preset(self):
        page = " ".join(run("train", "--help").stdout.split())
        self.assertIn("--lr NUMBER learning rate; default 0.0006 ", page)
        self.assertIn("--block-out-channels LIST channels of each block; default 48,64,96,112 ", page)

    def test_no_verb(self):
        done = run()
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("sample", done.stderr)

    def test_wrong_words(self):
        self.refused("unknown verb 'smaple', did you mean 'sample'?; known: ", "smaple", MODEL)
        self.refused("unknown verb 'smaple', did you mean 'sample'?", "help", "smaple")
        self.refused("unknown verb 'prview', did you mean 'preview'?; known: preview, check", "data", "prview", "x")
        self.refused("data: no verb given; known: preview, check; see mezzotint data --help", "data")
        self.refused("no verb given; known: ", "--json")
        self.refused("unknown option --stpes, did you mean '--steps'?; see mezzotint sample --help",
                     "sample", MODEL, "--stpes", 4)
        self.refused("unknown option --init_nose, did you mean '--init-noise'?", "sample", MODEL, "--init_nose", "x")
        self.refused("unknown option -steps, did you mean '--steps'?", "sample", MODEL, "-steps", 4)
        self.refused("unknown option --learning-rate, did you mean '--lr'?", "train", "--learning-rate", "1e-4")
        self.refused("unknown option --train_batch_size, did you mean '--batch-size'?", "finetune", MODEL,
                     "--train_batch_size", 4)
        self.refused("unknown option -x; see mezzotint sample --help", "sample", MODEL, "-x")
        self.refused("--sed, did you mean '--seed'?; see mezzotint --help", "--sed", 3, "sample", MODEL)
        self.refused("--csv is no option of info but of schedule; see mezzotint info --help", "info", MODEL, "--csv")
        self.refused("--steps stands before the verb; give it after the verb (guide or sample or schedule has it)",
                     "--steps", 4, "sample", MODEL)
        self.refused("unexpected argument 'more': sample takes only MODEL; see mezzotint sample --help",
                     "sample", MODEL, "more", "-o", self.png)

    def test_what_is_missing(self):
        self.refused("sample: MODEL (a folder or run, a starter model's name or a hub id) is missing; see mezzotint sample",
                     "sample", "-o", self.png)
        self.refused("sample: -o OUT (FILE.png, FILE.safetensors or a folder) is missing", "sample", MODEL)
        self.refused("or a hub id) and -o OUT (FILE.png, FILE.safetensors or a folder) are missing", "sample")
        self.refused("data preview: -o FILE (the grid: a PNG file) is missing", "data", "preview", "x")
        self.refused("finetune: MODEL (the pretrained pipeline: a folder or run, a starter model's name or a hub id) and -o DIR (",
                     "finetune")
        self.refused("-o: no value given, wanted a file or folder; see mezzotint sample --help", "sample", MODEL, "-o")
        self.refused("-o: no value given before --steps, wanted a file", "sample", MODEL, "-o", "--steps", 3)
        self.refused("--scheduler: no value given, wanted one of ddim, ddpm", "sample", MODEL, "--scheduler")
        for words in (("-o", ""), ("--out=",)):
            self.refused("got an empty value, wanted a file or folder", "sample", MODEL, *words)

    def test_wrong_values(self):
        to = ("sample", MODEL, "-o", self.png)
        self.refused("--steps: got 'many', wanted a whole number, at least 1", *to, "--steps", "many")
        self.refused("--steps: got '1e3', wanted a whole number", *to, "--steps", "1e3")
        self.refused("--steps: got -4, wanted at least 1", *to, "--steps", -4)
        self.refused("-n: got 0, wanted 1 to 1000000", *to, "-n", 0)
        self.refused("--threads: got 5000, wanted 1 to 4096", *to, "--threads", 5000)
        self.refused("--eta: got '0,5', wanted a number", *to, "--eta", "0,5")
        self.refused("--eta: got 'nan', wanted a number", *to, "--eta", "nan")
        self.refused("--steps: given more than once (3, 4), wanted one value", *to, "--steps", 3, "--steps=4")
        self.refused("MODEL: given more than once (x, y), wanted one value", "finetune", "x", "--start-model", "y",
                     "-o", self.png)
        self.refused("--quiet: got 'maybe', wanted yes or no, or no value at all", *to, "--quiet=maybe")
        self.refused("--seed: got '-1', wanted a whole number", *to, "--seed", "-1")
        self.refused("--device: got 'gpu', wanted auto, cpu, cuda or cuda:N", "info", MODEL, "--device", "gpu")
        self.refused("--device: got 'cuda:x'", "info", MODEL, "--device", "cuda:x")
        self.refused("--lr: got 'abc', wanted a number", "train", "-o", self.png, "--lr", "abc")
        self.refused("--lr-schedule: unknown value 'cosin', did you mean 'cosine'?; known: constant, linear, cosine,",
                     "train", "-o", self.png, "--lr-schedule", "cosin")

    def test_help_goes_before_other_problems(self):
        done = run("sample", "--stpes", 4, "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("--steps INT", done.stdout)

    def test_names_that_other_verbs_have(self):
        done = run("sample", MODEL, "--output", self.png, "--steps", 2, "--batch_size", 1, "--quiet=no")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.png.exists())
        self.assertIn("wrote", done.stderr)

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
        for words in (["info", MODEL, "--json"], ["info", MODEL], ["schedule", MODEL, "--steps", 1000],
                      ["schedule", MODEL, "--steps", 1000, "--json"], ["completion", "bash"], ["sample", "--help"],
                      ["--version"]):
            with self.subTest(words), open("/dev/full", "w", encoding="ascii") as full:
                done = subprocess.run([MEZZOTINT, *map(str, words)], stdout=full, stderr=subprocess.PIPE, text=True,
                                      check=False)
                self.assertEqual((done.returncode, done.stderr.splitlines()[-1]),
                                 (1, "mezzotint: error: can't write to standard output: No space left on device"))

    def test_a_reader_that_leaves_is_none(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([MEZZOTINT, "info", str(MODEL), "--json", "--no-forecast"], stdout=writer,
                              stderr=subprocess.PIPE, text=True, check=False)
        os.close(writer)
        self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    unittest.main()
