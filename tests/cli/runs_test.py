"""`mezzotint runs` after runs of a tiny network, as a user runs it. Usage: runs_test.py PATH-OF-MEZZOTINT."""

import fcntl
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

import png
from tiny_net import TINY_NET

MEZZOTINT = sys.argv.pop()
TINY = [*TINY_NET, "--batch-size", 4, "--sample-count", 2, "--sample-steps", 2,
        "--log-samples-every", 0, "--log-every", 1]


def setUpModule():
    """Two runs, which the tests read; those that change something copy the folder."""
    global HOME, DATA
    scratch = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(scratch.cleanup)
    HOME = pathlib.Path(scratch.name).resolve()
    DATA = HOME / "pictures"
    DATA.mkdir()
    for i in range(6):
        png.write(DATA / f"{i}.png", [40 * i, 20, 20])
    for name, more in (("first", ["--lr", "1e-3"]), ("second", ["--lr", "1e-4", "--num-epochs", 3, "--no-ema"])):
        done = train(HOME, name, "--max-train-steps", 4, *more)
        assert done.returncode == 0, done.stderr


def environment(home, **more):
    plain = {name: value for name, value in os.environ.items() if name not in ("MEZZOTINT_RUNS", "XDG_DATA_HOME")}
    return {**plain, "HOME": str(home), "OMP_NUM_THREADS": "1", **more}


def run(home, *args, **more):
    return subprocess.run([MEZZOTINT, *map(str, args)], capture_output=True, text=True, check=False, cwd=home,
                          env=environment(home, **more))


def train_words(name, *more):
    return [str(word) for word in ["train", "--data", DATA, "-o", name, *TINY, *more]]


def train(home, name, *more, **variables):
    return run(home, *train_words(name, *more), "--quiet", **variables)


class Runs(unittest.TestCase):
    maxDiff = None

    def own_home(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        home = pathlib.Path(scratch.name).resolve()
        return home

    def listed(self, home, *more, **variables):
        done = run(home, "runs", *more, "--json", **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document["schema"], "mezzotint/runs/1")
        return document["runs"]

    def refused(self, done, code, words):
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(words, done.stderr)

    def test_lists_the_newest_first(self):
        second, first = self.listed(HOME)
        self.assertEqual((first["id"], first["folder"], first["status"]), (1, str(HOME / "first"), "done"))
        self.assertEqual((first["updates"], first["planned"], first["images"]), (4, 4, 12))
        self.assertEqual((first["recipe"], first["data"], first["init"]), ("diffusion", str(DATA), ""))
        self.assertEqual(first["config"]["training"]["lr"], 1e-3)
        losses = [line["value"] for line in map(json.loads, (HOME / "first/metrics.jsonl").read_text().splitlines()) if line["name"] == "loss"]
        self.assertTrue(min(losses) <= first["loss"] <= max(losses))
        self.assertGreater(first["seconds"], 0)
        self.assertLess(abs(first["started"] - time.time()), 3600)
        self.assertEqual(second["planned"], 4)
        done = run(HOME, "runs")
        head, newest, oldest = done.stdout.splitlines()
        self.assertRegex(head, r"^id +status +folder +recipe +data +lr +batch +epochs +updates +loss +validation +time +age$")
        self.assertRegex(newest, r"^ *2 +done +second +diffusion +pictures +0.0001 +4 +3 +4 +\S+ +- ")
        self.assertRegex(oldest, r"^ *1 +done +first +diffusion +pictures +0.001 ")
        self.assertEqual(done.stderr, "")

    def test_filters(self):
        self.assertEqual([entry["id"] for entry in self.listed(HOME, "--limit", 1)], [2])
        self.assertEqual(self.listed(HOME, "--status", "failed"), [])
        self.assertEqual(len(self.listed(HOME, "--status", "done", "--data", "pict")), 2)
        self.assertEqual(self.listed(HOME, "--data", "flags"), [])
        self.assertIn("and 1 older", run(HOME, "runs", "--limit", 1).stderr)
        self.refused(run(HOME, "runs", "--status", "dead"), 2, "known: running, done")
        self.refused(run(HOME, "runs", "show", "first", "--limit", 3), 2, "--limit is for the list alone")

    def test_shows_a_run_by_number_folder_and_name(self):
        pages = [run(HOME, "runs", "show", name) for name in ("1", "first", HOME / "first", "first/")]
        for page in pages:
            self.assertEqual((page.returncode, page.stderr), (0, ""))
            self.assertEqual(re.sub(r"\d+ s ago", "", page.stdout), re.sub(r"\d+ s ago", "", pages[0].stdout))
        self.assertRegex(pages[0].stdout, r"(?m)^settings +batch_size = 4$")
        self.assertIn("lr = 0.001", pages[0].stdout)
        self.assertNotIn("ema", pages[0].stdout.partition("command")[0])  # the preset has one
        self.assertIn("model.block_out_channels = 8,16", pages[0].stdout)
        self.assertIn(f"mezzotint sample {HOME}/first/model", pages[0].stdout)
        document = json.loads(run(HOME, "runs", "show", "1", "--json").stdout)
        self.assertEqual((document["schema"], document["settings"]["lr"]), ("mezzotint/runs-show/1", 1e-3))
        self.assertNotIn("pictures", document["settings"])
        self.assertTrue(document["commands"][1].startswith("mezzotint train --config "))
        self.refused(run(HOME, "runs", "show", "frist"), 1, "did you mean 'first'?")
        self.refused(run(HOME, "runs", "show", "77"), 1, "no run '77'")

    def test_shows_what_was_chosen_not_what_the_model_or_the_verb_has(self):
        home = self.own_home()
        words = ["finetune", HOME / "first", "--data", DATA, "--max-train-steps", 1, "--sample-count", 0, "--quiet"]
        for name, more, settings in (("plain", [], {"max_train_steps": 1, "sample_count": 0}),
                                     ("slow", ["--lr", "2e-6"], {"lr": 2e-6, "max_train_steps": 1, "sample_count": 0})):
            done = run(home, *words, "-o", name, *more)
            self.assertEqual(done.returncode, 0, done.stderr)
            document = json.loads(run(home, "runs", "show", name, "--json").stdout)
            self.assertEqual((document["settings"], document["init"]), (settings, str(HOME / "first/model")))

    def test_fits_the_terminal(self):
        home = self.own_home()
        shutil.copytree(HOME / "first", home / "a folder whose name goes on and on/and a run below it")
        self.assertEqual(run(home, "runs", "scan", home).returncode, 0)
        wide = len(run(home, "runs").stdout.splitlines()[1])  # no terminal: whole
        for columns in (200, 132, 100, 80, 60, 50):
            leader, follower = pty.openpty()
            fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            subprocess.run([MEZZOTINT, "runs"], stdout=follower, check=True, cwd=home, env=environment(home))
            os.close(follower)
            head, row = os.read(leader, 65536).decode().splitlines()
            os.close(leader)
            self.assertLessEqual(max(len(head), len(row)), columns)
            self.assertIn("done", row)
            self.assertRegex(head, r"^id +status +folder ")
            self.assertIn("below it", row)
            self.assertEqual(len(row) == wide, columns >= wide)

    def test_a_full_disk_is_an_error(self):
        for words in (["runs", "--json"], ["runs"], ["runs", "show", 1], ["runs", "compare", 1, 2]):
            with open("/dev/full", "w", encoding="ascii") as full:
                done = subprocess.run([MEZZOTINT, *map(str, words)], stdout=full, stderr=subprocess.PIPE, text=True,
                                      check=False, cwd=HOME, env=environment(HOME))
            self.refused(done, 1, "can't write to standard output: No space left on device")

    def test_a_run_that_went_on_and_was_stopped_isnt_done(self):
        home = self.own_home()
        shutil.copytree(HOME / "second", home / "run")
        self.assertEqual(run(home, "runs", "scan", "run").returncode, 0)
        self.assertEqual(self.listed(home)[0]["status"], "done")
        process = subprocess.Popen([MEZZOTINT, "resume", "run", "--num-epochs", "100000", "--max-train-steps", "0"], cwd=home,
                                   env=environment(home, MEZZOTINT_RUNS="off"), stderr=subprocess.DEVNULL)
        metrics = home / "run/metrics.jsonl"
        before = metrics.stat().st_size
        while process.poll() is None and metrics.stat().st_size <= before:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(), 130)
        self.assertEqual(run(home, "runs", "scan", "run").returncode, 0)
        self.assertEqual(self.listed(home)[0]["status"], "stopped")
        self.assertEqual(json.loads(run(home, "runs", "show", "run", "--json").stdout)["status"], "stopped")

    def test_compares(self):
        home = self.own_home()
        done = run(HOME, "runs", "compare", "first", "2", "--plot", home / "x/plot.svg", "-o", home / "page.html")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = {line.split("  ")[0]: line.split()[-2:] for line in done.stdout.splitlines()}
        self.assertEqual(rows["lr"], ["0.001", "0.0001"])
        self.assertEqual(rows["ema"], ["yes", "no"])
        self.assertEqual(rows["images"], ["12", "12"])
        self.assertNotIn("batch_size", rows)
        self.assertTrue((home / "x/plot.svg").read_text().startswith("<?xml"))
        page = (home / "page.html").read_text()
        self.assertEqual(page.count('src="data:image/svg'), 1)
        self.assertEqual(page.count('src="data:image/png'), 2)
        document = json.loads(run(HOME, "runs", "compare", "1", "2", "--by", "update", "--json").stdout)
        self.assertEqual((document["schema"], document["settings"]["lr"]), ("mezzotint/runs-compare/1", [1e-3, 1e-4]))
        self.refused(run(HOME, "runs", "compare", "1"), 2, "wanted two or more")
        self.refused(run(HOME, "runs", "compare", "1", "2", "--plot", home / "a.pdf"), 2, ".svg or .png")

    def test_scans_and_forgets(self):
        home = self.own_home()
        for name in ("first", "second"):
            shutil.copytree(HOME / name, home / "copied/deep" / name)
        shutil.rmtree(home / "copied/deep/second/model")
        (home / "copied/broken").mkdir()
        (home / "copied/broken/config.json").write_text("{")
        (home / "copied/broken/metrics.jsonl").write_text("")
        done = run(home, "runs", "scan", "copied", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual((document["schema"], len(document["added"])), ("mezzotint/runs-scan/1", 2))
        self.assertEqual(document["damaged"], ["copied/broken"])
        self.assertIn("config.json", done.stderr)
        entries = {pathlib.Path(entry["folder"]).name: entry for entry in self.listed(home)}
        self.assertEqual((entries["first"]["status"], entries["second"]["status"]), ("done", "stopped"))
        self.assertEqual(entries["first"]["updates"], 4)
        again = json.loads(run(home, "runs", "scan", "copied", "--json").stdout)
        self.assertEqual((again["added"], len(again["known"])), ([], 2))
        self.assertIn(f"mezzotint resume {home}/copied/deep/second", run(home, "runs", "show", "second").stdout)
        self.assertEqual(run(home, "runs", "forget", "second").returncode, 0)
        self.assertEqual([pathlib.Path(entry["folder"]).name for entry in self.listed(home)], ["first"])
        self.assertTrue((home / "copied/deep/second/config.json").exists())
        shutil.rmtree(home / "copied")
        self.assertIs(self.listed(home, "--status", "gone")[0]["gone"], True)
        self.assertIn("done (gone)", run(home, "runs").stdout)
        self.refused(run(home, "runs", "scan", "copied"), 1, "no such folder")

    def test_two_of_a_name_are_told_apart(self):
        home = self.own_home()
        for above in "ab":
            shutil.copytree(HOME / "first", home / above / "mine")
        run(home, "runs", "scan", home)
        self.refused(run(home, "runs", "show", "mine"), 1, "2 runs are called 'mine'")
        self.assertIn(f"{home}/b/mine", run(home, "runs", "show", "b/mine").stdout)
        self.assertIn("a/mine", run(home, "runs", "compare", "1", "2").stdout.splitlines()[0])

    def test_a_killed_run_is_interrupted_and_a_stopped_one_stopped(self):
        home = self.own_home()
        for name, kill, status in (("killed", signal.SIGKILL, "interrupted"), ("stopped", signal.SIGINT, "stopped")):
            process = subprocess.Popen([MEZZOTINT, *train_words(name, "--num-epochs", 100000)], cwd=home,
                                       env=environment(home), stderr=subprocess.DEVNULL)
            metrics = home / name / "metrics.jsonl"
            while process.poll() is None and not (metrics.exists() and metrics.stat().st_size > 0):
                time.sleep(0.02)
            self.assertEqual(self.listed(home)[0]["status"], "running")
            self.refused(run(home, "runs", "forget", name), 1, "is running")
            process.send_signal(kill)
            process.wait()
            entry = self.listed(home)[0]
            self.assertEqual((pathlib.Path(entry["folder"]).name, entry["status"]), (name, status))
            self.assertIn("mezzotint resume", run(home, "runs", "show", name).stdout)

    def test_a_failed_run_says_why(self):
        home = self.own_home()
        done = train(home, "hot", "--lr", 1000, "--num-epochs", 100000)
        self.assertEqual(done.returncode, 1)
        entry = self.listed(home)[0]
        self.assertEqual(entry["status"], "failed")
        self.assertIn(entry["error"], done.stderr)
        self.assertIn("finite" if "finite" in done.stderr else "try a smaller lr", run(home, "runs", "show", "1").stdout)

    def test_two_trainings_write_at_once_and_wait_for_each_other(self):
        home = self.own_home()
        self.assertEqual(train(home, "zero", "--max-train-steps", 1).returncode, 0)
        index = sqlite3.connect(home / ".local/share/mezzotint/runs.sqlite", isolation_level=None, check_same_thread=False)
        index.execute("BEGIN EXCLUSIVE")
        threading.Timer(1.5, lambda: index.execute("ROLLBACK")).start()
        both = [subprocess.Popen([MEZZOTINT, *train_words(name, "--max-train-steps", 2)], cwd=home, text=True,
                                 env=environment(home), stderr=subprocess.PIPE) for name in ("one", "two")]
        for process in both:
            said = process.communicate()[1]
            self.assertEqual(process.returncode, 0, said)
            self.assertNotIn("warning", said)
        index.close()
        self.assertEqual({(pathlib.Path(entry["folder"]).name, entry["status"]) for entry in self.listed(home)},
                         {("zero", "done"), ("one", "done"), ("two", "done")})

    def test_a_damaged_index_stops_no_training(self):
        home = self.own_home()
        broken = home / "broken.sqlite"
        broken.write_bytes(b"no database at all" * 100)
        done = train(home, "run", "--max-train-steps", 1, MEZZOTINT_RUNS=str(broken))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count("warning"), 1, done.stderr)
        self.assertIn("is damaged, or no SQLite file", done.stderr)
        self.assertEqual(broken.read_bytes(), b"no database at all" * 100)
        self.refused(run(home, "runs", MEZZOTINT_RUNS=str(broken)), 1, "is damaged, or no SQLite file")
        later = home / "later.sqlite"
        shutil.copyfile(HOME / ".local/share/mezzotint/runs.sqlite", later)
        with sqlite3.connect(later) as index:
            index.execute("PRAGMA user_version = 9")
        index.close()
        self.refused(run(home, "runs", MEZZOTINT_RUNS=str(later)), 1, "by a later version (schema 9")

    def test_a_read_only_place_stops_no_training(self):
        home = self.own_home()
        place = home / "index"
        place.mkdir()
        (place / "runs.sqlite").mkdir()  # nobody can write there, not even root
        done = train(home, "run", "--max-train-steps", 1, MEZZOTINT_RUNS=str(place / "runs.sqlite"))
        self.assertEqual((done.returncode, done.stderr.count("warning")), (0, 1), done.stderr)
        shutil.copyfile(HOME / ".local/share/mezzotint/runs.sqlite", place / "read-only.sqlite")
        (place / "read-only.sqlite").chmod(0o444)
        self.assertEqual(len(self.listed(home, MEZZOTINT_RUNS=str(place / "read-only.sqlite"))), 2)

    def test_without_a_place_there_is_no_index(self):
        home = self.own_home()
        done = run(home, *train_words("run", "--max-train-steps", 1), "--verbose", MEZZOTINT_RUNS="off")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no index of runs", done.stderr)
        self.assertNotIn("warning", done.stderr)
        self.assertFalse((home / ".local").exists())
        self.refused(run(home, "runs", MEZZOTINT_RUNS="off"), 1, "set MEZZOTINT_RUNS to a file")
        self.assertEqual(self.listed(home, MEZZOTINT_RUNS=str(home / "none.sqlite")), [])
        self.assertFalse((home / "none.sqlite").exists())

    def test_resumed_it_is_the_same_run(self):
        home = self.own_home()
        shutil.copytree(HOME / "first", home / "first")
        shutil.rmtree(home / "first/model")
        variables = {"XDG_DATA_HOME": str(home / "data")}
        self.assertEqual(run(home, "runs", "scan", ".", **variables).returncode, 0)
        before = self.listed(home, **variables)[0]
        done = run(home, "resume", "first", "--quiet", **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        after, = self.listed(home, **variables)
        self.assertEqual((before["status"], after["status"]), ("stopped", "done"))
        self.assertEqual((after["id"], after["started"], after["loss"]), (before["id"], before["started"], before["loss"]))
        self.assertTrue((home / "data/mezzotint/runs.sqlite").exists())


if __name__ == "__main__":
    unittest.main()
