"""`mezzotint data` as a user runs it. Usage: data_test.py PATH-OF-MEZZOTINT."""

import gzip
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import png

MEZZOTINT = sys.argv.pop()
PICTURES = pathlib.Path(__file__).resolve().parents[1] / "io/data/images"


def run(*args):
    return subprocess.run([MEZZOTINT, "data", *map(str, args)], capture_output=True, text=True, check=False)


class Data(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name) / "pictures"
        for name, kind in (("a.jpg", "rgb420.jpg"), ("b.png", "rgba8.png"), ("c.webp", "lossy.webp")):
            self.add(name, kind)
        self.grid = pathlib.Path(scratch.name) / "grid.png"

    def add(self, name, kind):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PICTURES / kind, self.folder / name)

    def write_idx(self):
        folder = self.folder.parent / "idx"
        folder.mkdir()
        with gzip.open(folder / "train-images-idx3-ubyte.gz", "wb") as file:
            file.write(struct.pack(">IIII", 0x803, 10, 4, 6) + bytes(range(240)))
        (folder / "train-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, 10) + bytes(range(10)))
        return folder

    def test_preview_writes_a_grid(self):
        done = run("preview", self.folder, "-o", self.grid, "-n", 3, "--columns", 2, "--size", 16)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(png.size(self.grid), (2 * 18 + 2, 2 * 18 + 2))
        self.assertIn("[3, 3, 16, 16]", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_preview_of_labelled_grey_pictures(self):
        done = run("preview", self.write_idx(), "-o", self.grid, "-n", 8, "--in-order", "--labels", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document["schema"], "mezzotint/data-preview/1")
        self.assertEqual(document["shape"], [8, 1, 4, 6])
        self.assertEqual(document["labels"], list(range(8)))
        self.assertEqual(png.size(self.grid), (4 * 8 + 2, 2 * 6 + 2))

    def test_labels_stand_as_the_pictures_do(self):
        done = run("preview", self.write_idx(), "-o", self.grid, "-n", 6, "--columns", 3, "--in-order", "--labels")
        self.assertEqual(done.stdout, "0 0  1 1  2 2\n3 3  4 4  5 5\n")

    def test_the_seed_chooses_the_batch(self):
        folder = self.write_idx()
        labels = [json.loads(run("preview", folder, "-o", self.grid, "-n", 5, "--seed", seed, "--json").stdout)["labels"]
                  for seed in (1, 1, 2)]
        self.assertEqual(labels[0], labels[1])
        self.assertNotEqual(labels[0], labels[2])

    def test_different_sizes_are_named(self):
        self.add("d.png", "rotated.png")  # 13 x 19, the others are 19 x 13
        done = run("preview", self.folder, "-o", self.grid)
        self.assertEqual(done.returncode, 1)
        self.assertIn("pictures of different sizes can't share a batch", done.stderr)
        self.assertIn("d.png is 13 x 19", done.stderr)
        self.assertFalse(self.grid.exists())

    def test_check_of_a_sound_folder(self):
        self.add("copy.png", "rgba8.png")
        (self.folder / "notes.txt").write_text("x")
        done = run("check", self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        for text in ("image folder: 4 pictures, no classes", "4  19 x 13", "2  RGB with alpha", "1  JPEG YCbCr",
                     "b.png = copy.png", "notes.txt"):
            self.assertIn(text, done.stdout)

    def test_check_reports_damage(self):
        whole = (self.folder / "a.jpg").read_bytes()
        (self.folder / "a.jpg").write_bytes(whole[: len(whole) // 2])
        done = run("check", self.folder, "--json")
        self.assertEqual(done.returncode, 1)
        self.assertIn("1 of 3 pictures can't be read", done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document["schema"], "mezzotint/data-check/1")
        self.assertEqual(document["items"], 3)
        self.assertEqual(len(document["damaged"]), 1)
        self.assertIn("a.jpg", document["damaged"][0])

    def test_wrong_usage(self):
        for args in ((), ("preview",), ("preview", self.folder),
                     ("preview", self.folder, "-o", self.grid, "-n", 0),
                     ("preview", self.folder, "-o", self.grid, "--resize", "sqash")):
            done = run(*args)
            self.assertEqual(done.returncode, 2, (args, done.stderr))
            self.assertTrue(done.stderr.startswith("mezzotint: error: "), done.stderr)
        self.assertIn("did you mean 'squash'", done.stderr)


if __name__ == "__main__":
    unittest.main()
