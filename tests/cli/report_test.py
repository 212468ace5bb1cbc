"""`mezzotint report` as a user runs it. Usage: report_test.py PATH-OF-MEZZOTINT."""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

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

    def test_list_becomes_a_page_where_it_is_wanted(self):
        listed = self.folder / "list.json"
        listed.write_text(json.dumps({"title": "A & B", "sections": [{"title": "One"}, {"run": "first"}]}))
        page = self.folder / "page.html"
        done = run(listed, "-o", page, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document, {"schema": "mezzotint/report/1", "file": str(page), "title": "A & B", "sections": 4})
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


if __name__ == "__main__":
    unittest.main()
