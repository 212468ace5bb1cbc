"""`mezzotint report` as a user runs it. Usage: report_test.py PATH-OF-MEZZOTINT."""

import base64
import json
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
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")


def run(*args):
    return subprocess.run([MEZZOTINT, "report", *map(str, args)], capture_output=True, text=True, check=False)


class Report(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.run_folder = self.folder / "first"
        (self.run_folder / "samples").mkdir(parents=True)
        (self.run_folder / "config.json").write_text(json.dumps({"data": "flags"}))
        (self.run_folder / "samples" / "update-00000100.png").write_bytes(PNG)

    def test_run_folder_becomes_a_page_in_it(self):
        done = run(self.run_folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        page = (self.run_folder / "report.html").read_text()
        self.assertIn("<title>Training run first</title>", page)
        self.assertIn("after update 100", page)
        self.assertIn(base64.b64encode(PNG).decode(), page)
        self.assertEqual(done.stdout, "")
        self.assertIn("wrote ", done.stderr)

    def test_page_stands_for_itself_whatever_the_run_is_called(self):
        evil = self.folder / "<img src=x onerror=alert(1)>"
        shutil.copytree(self.run_folder, evil)
        (evil / "samples" / "update-00000200.png").write_bytes(PNG)
        record = {"epoch": 0, "batch": 1, "micro_batch": 1, "update": 1, "images": 4, "name": "loss", "value": 0.5}
        (evil / "metrics.jsonl").write_text(json.dumps(record) + '\n{"epoch": 0, "ba')
        done = run(evil)
        self.assertEqual(done.returncode, 0, done.stderr)
        page = (evil / "report.html").read_text()
        self.assertIn("Training run &lt;img src=x onerror=alert(1)&gt;", page)
        self.assertNotIn("<img src=x", page)
        for outside in ("http:", "https:", "url(", "@import", "<link"):
            self.assertNotIn(outside, page)
        self.assertTrue((evil / "curves" / "loss.svg").exists())
        self.assertTrue((evil / "curves" / "loss.png").exists())

    def test_lines_that_are_no_records_are_passed_over(self):
        record = {"epoch": 0, "batch": 1, "micro_batch": 1, "update": 1, "images": 4, "name": "loss", "value": 0.5}
        lines = [json.dumps(record), '{"epoch": 0, "ba', "garbage", json.dumps(record | {"micro_batch": 2})]
        (self.run_folder / "metrics.jsonl").write_text("\n".join(lines) + "\n")
        done = run(self.run_folder, "--quiet")
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (0, 1), done.stderr)
        self.assertIn("metrics.jsonl: passed over 2 lines with no record in them, the first is line 2", done.stderr)
        self.assertIn("2 micro-batches", (self.run_folder / "report.html").read_text())

    def test_with_a_place_of_its_own_the_run_is_left_alone(self):
        before = sorted(self.run_folder.rglob("*"))
        self.assertEqual(run(self.run_folder, "-o", self.folder / "page.html").returncode, 0)
        self.assertEqual(sorted(self.run_folder.rglob("*")), before)

    def test_list_becomes_a_page_where_it_is_wanted(self):
        listed = self.folder / "list.json"
        listed.write_text(json.dumps({"title": "A & B", "sections": [{"title": "One"}, {"run": "first"}]}))
        page = self.folder / "page.html"
        done = run(listed, "-o", page, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document, {"schema": "mezzotint/report/1", "file": str(page), "title": "A & B", "sections": 5})
        self.assertIn("A &amp; B", page.read_text())

    def test_wrong_sources_are_one_clear_line(self):
        for source, words in ((self.folder, "is no run folder"), (self.folder / "absent", "no such file or folder")):
            done = run(source)
            self.assertEqual(done.returncode, 1, source)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn(words, done.stderr)

    def test_broken_list_is_named(self):
        listed = self.folder / "list.json"
        listed.write_text('{"title": "x",')
        done = run(listed)
        self.assertEqual(done.returncode, 1)
        self.assertIn("list.json", done.stderr)
        self.assertFalse((self.folder / "list.html").exists())


class LivePage(unittest.TestCase):
    """The page of a run while it trains."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.run_folder = self.folder / "run"
        (self.folder / "pictures").mkdir()
        for i in range(8):
            png.write(self.folder / "pictures" / f"{i}.png", [20 * i, 100, 200 - 20 * i])
        self.train = [MEZZOTINT, "train", "--data", self.folder / "pictures", "-o", self.run_folder, *TINY_NET,
                      "--batch-size", 4, "--sample-count", 2, "--sample-steps", 2, "--quiet"]

    def page(self):
        return (self.run_folder / "report.html").read_text()

    def state(self):
        return self.page().partition("<strong>")[2].partition("</strong>")[0]

    def wait_for(self, process, what):
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline and not what():
            time.sleep(0.02)
        self.assertTrue(what())

    def test_says_running_then_stopped_then_done(self):
        more = ["--num-epochs", 100000, "--max-train-steps", 100000, "--log-samples-every", 40]
        process = subprocess.Popen(list(map(str, [*self.train, *more])), stderr=subprocess.PIPE, text=True)
        self.wait_for(process, lambda: (self.run_folder / "report.html").exists())
        self.assertEqual(self.state(), "running")
        self.assertIn('http-equiv="refresh"', self.page())
        self.wait_for(process, lambda: (self.run_folder / "samples/update-00000080.png").exists())
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
        self.assertEqual(process.returncode, 130, said)
        self.assertEqual(self.state(), "stopped")
        self.assertNotIn('http-equiv="refresh"', self.page())
        self.assertIn("mezzotint resume", self.page())
        self.assertIn("after update 80", self.page())
        for file in ("loss.svg", "curves/loss.png", "curves/learning-rate.svg", "samples/timeline.png"):
            self.assertTrue((self.run_folder / file).exists(), file)
        stopped = json.loads((self.run_folder / "session.json").read_text())
        self.assertEqual(stopped["state"], "stopped")

        # The rest of it, made short.
        config = json.loads((self.run_folder / "config.json").read_text())
        config["training"]["max_train_steps"] = stopped["update"] + 5
        (self.run_folder / "config.json").write_text(json.dumps(config))
        done = subprocess.run([MEZZOTINT, "resume", self.run_folder, "--quiet"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.state(), "done")
        self.assertTrue((self.run_folder / "samples/timeline.webp").exists())
        ended = json.loads((self.run_folder / "session.json").read_text())
        self.assertEqual(ended["update"], stopped["update"] + 5)
        self.assertGreater(ended["seconds"], stopped["seconds"])

    def test_says_when_a_run_was_killed(self):
        process = subprocess.Popen(list(map(str, [*self.train, "--num-epochs", 100000])), stderr=subprocess.DEVNULL)
        self.wait_for(process, lambda: (self.run_folder / "report.html").exists())
        report = [MEZZOTINT, "report", self.run_folder, "--quiet"]
        subprocess.run(report, check=True)
        self.assertEqual(self.state(), "running")
        process.kill()
        process.wait()
        subprocess.run(report, check=True)
        self.assertEqual(self.state(), "interrupted")
        self.assertIn("mezzotint resume", self.page())

    def test_says_what_failed(self):
        done = subprocess.run(list(map(str, [*self.train, "--lr", 1000, "--num-epochs", 1000])), capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(self.state(), "failed")
        self.assertIn("no checkpoint had been written yet", self.page().lower())


if __name__ == "__main__":
    unittest.main()
