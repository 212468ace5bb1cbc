"""What a run survives: SIGKILL at any moment, damaged checkpoints, a full disk, signals. Usage: durability_test.py
PATH-OF-MEZZOTINT. MEZZOTINT_KILLS=1000 in the environment kills more often than 100 times."""

import os
import pathlib
import random
import resource
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
KILLS = int(os.environ.get("MEZZOTINT_KILLS", "100"))
KILLS_OF_A_RUN = 12
UPDATES = 30
TINY = [*TINY_NET, "--batch-size", 2, "--accum", 2, "--warmup", 5, "--sample-count", 2,
        "--sample-steps", 2, "--lr-schedule", "constant", "--log-samples-every", 8, "--log-every", 1, "--num-epochs", 99, "--ema",
        "--validation-count", 3, "--validate-every", 4, "--quiet"]
WEIGHTS = ["model/unet/diffusion_pytorch_model.safetensors", "model/unet/diffusion_pytorch_model.non_ema.safetensors"]


def command(*args):
    return [MEZZOTINT, *map(str, args)]


def run(*args, **options):
    return subprocess.run(command(*args), capture_output=True, text=True, check=False, **options)


class Durability(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.data = cls.folder / "pictures"
        cls.data.mkdir()
        for i in range(10):
            png.write(cls.data / f"{i}.png", [20 * i, 200 - 9 * i, 90])
        began = time.monotonic()
        done = run("train", "--data", cls.data, "-o", cls.folder / "whole", *TINY, "--max-train-steps", UPDATES,
                   "--save-model-every", 0)
        assert done.returncode == 0, done.stderr
        cls.seconds = time.monotonic() - began  # that a run takes here
        cls.whole = [(cls.folder / "whole" / name).read_bytes() for name in WEIGHTS]

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def start(self, out, *more):
        return command("train", "--data", self.data, "-o", out, *TINY, "--max-train-steps", UPDATES, *more)

    def expect_as_whole(self, out):
        for name, wanted in zip(WEIGHTS, self.whole):
            self.assertEqual((out / name).read_bytes(), wanted, name)

    def test_killed_at_any_moment_it_ends_with_the_same_bits(self):
        dice = random.Random(1)
        kills = kills_of_run = runs = 0
        out = self.folder / "killed"
        while kills < KILLS or runs == 0 or out.exists():
            going_on = (out / "config.json").exists()
            args = command("resume", out, "--quiet") if going_on else self.start(out, "--save-model-every", 1)
            process = subprocess.Popen(args, stderr=subprocess.PIPE, text=True)
            may_end = kills >= KILLS or kills_of_run == KILLS_OF_A_RUN
            try:
                process.wait(None if may_end else dice.uniform(0, 0.8 * self.seconds))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                kills += 1
                kills_of_run += 1
            said = process.communicate()[1]
            if process.returncode == 0:
                runs += 1
                kills_of_run = 0
                self.expect_as_whole(out)
                left = [path for path in out.rglob(".*") if path.name != ".lock"]
                self.assertEqual(left, [], "something was left behind")
                shutil.rmtree(out)
            else:
                self.assertEqual(process.returncode, -signal.SIGKILL, said)
        print(f"{kills} kills, {runs} runs came to their end", file=sys.stderr)

    def damaged_run(self, name):
        """A run that was stopped with two checkpoints, for a test to damage."""
        out = self.folder / name
        done = run(*self.start(out, "--save-model-every", 10, "--keep-checkpoints", 2)[1:])
        self.assertEqual(done.returncode, 0, done.stderr)
        shutil.rmtree(out / "model")
        return out, sorted((out / "checkpoints").iterdir())

    def test_a_flipped_bit_is_noticed_and_the_checkpoint_before_is_used(self):
        out, (older, newest) = self.damaged_run("flipped")
        dice = random.Random(2)
        kept = self.folder / "kept"
        shutil.copytree(out, kept)
        for file in sorted(path.name for path in newest.iterdir()):
            with self.subTest(file):
                shutil.rmtree(out)
                shutil.copytree(kept, out)
                damaged = newest / file
                data = bytearray(damaged.read_bytes())
                data[dice.randrange(len(data) - 1)] ^= 1 << dice.randrange(8)
                damaged.write_bytes(data)
                done = run("resume", out)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("damaged checkpoint passed over", done.stderr)
                self.assertIn(str(newest), done.stderr)
                self.assertIn(f"going on after update {int(older.name[-8:])}", done.stderr)
                self.expect_as_whole(out)

    def test_a_cut_checkpoint_is_noticed(self):
        out, (_, newest) = self.damaged_run("cut")
        file = newest / "optimizer.safetensors"
        os.truncate(file, file.stat().st_size // 2)
        done = run("resume", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("optimizer.safetensors: is ", done.stderr)
        self.expect_as_whole(out)

    def expect_full_disk(self, done, reason):
        self.assertEqual(done.returncode, 1, done.stderr)
        line = done.stderr.strip().splitlines()[-1]
        self.assertTrue(line.startswith("mezzotint: error: "), line)
        self.assertIn(reason, line)
        self.assertIn("mezzotint resume", line)

    def test_a_full_disk_leaves_the_last_good_checkpoint(self):
        """8 MB in memory, in a name space of its own; the run needs more for its many checkpoints."""
        place = self.folder / "small"
        place.mkdir()
        out, copy = place / "run", self.folder / "rescued"
        filling = " ".join(f"'{part}'" for part in self.start(out, "--save-model-every", 1, "--keep-checkpoints", 99))
        script = f"mount -t tmpfs -o size=8m tmpfs '{place}' && {filling}; code=$?; cp -a '{out}' '{copy}'; exit $code"
        # A line of its own says whether name spaces are allowed here at all.
        probe = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", place], capture_output=True, check=False)
        if probe.returncode != 0:
            self.skipTest("no name spaces here")
        self.expect_full_disk(subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True,
                                             check=False), "No space left on device")
        done = run("resume", copy, "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.expect_as_whole(copy)

    def test_a_limit_on_files_is_a_full_disk_too(self):
        out = self.folder / "limited"
        process = subprocess.Popen(self.start(out, "--save-model-every", 1), stderr=subprocess.PIPE, text=True)
        while process.poll() is None and not list((out / "checkpoints").glob("update-*")):
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        process.communicate()
        done = run("resume", out, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)))
        self.expect_full_disk(done, "File too large")
        done = run("resume", out, "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.expect_as_whole(out)

    def test_each_signal_saves_and_stops(self):
        out = self.folder / "signalled"
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP):
            args = command("resume", out) if out.exists() else self.start(out, "--save-model-every", 0)
            process = subprocess.Popen(args, stderr=subprocess.PIPE, text=True)
            metrics = out / "metrics.jsonl"
            size = metrics.stat().st_size if metrics.exists() else 0
            while process.poll() is None and not (metrics.exists() and metrics.stat().st_size > size):
                time.sleep(0.005)
            process.send_signal(number)
            said = process.communicate()[1]
            if process.returncode == 0:  # it was quicker than the signal
                break
            self.assertEqual(process.returncode, 128 + number, said)
            self.assertIn("mezzotint resume", said)
            self.assertTrue(list((out / "checkpoints").glob("update-*")))
        done = run("resume", out, "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.expect_as_whole(out)

    def test_two_at_once_are_refused(self):
        out = self.folder / "twice"
        process = subprocess.Popen(self.start(out, "--save-model-every", 1), stderr=subprocess.DEVNULL)
        while process.poll() is None and not list((out / "checkpoints").glob("update-*")):
            time.sleep(0.01)
        process.send_signal(signal.SIGSTOP)
        done = run("resume", out)
        process.send_signal(signal.SIGCONT)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("another process is at work in this folder", done.stderr)
        process.wait()
        self.expect_as_whole(out)

    def test_resuming_may_change_a_few_settings(self):
        out = self.folder / "longer"
        done = run("train", "--data", self.data, "-o", out, *TINY, "--max-train-steps", 10)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = run("resume", out, "--quiet", "--max-train-steps", UPDATES)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.expect_as_whole(out)
        done = run("resume", out, "--max-train-steps", 20)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("nothing is left to do: 30 updates are done, and 20 wanted", done.stderr)
        done = run("resume", out, "--lr", 1)
        self.assertEqual(done.returncode, 2, done.stderr)


if __name__ == "__main__":
    unittest.main()
