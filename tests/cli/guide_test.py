"""`mezzotint guide` as a user runs it. Usage: guide_test.py PATH-OF-MEZZOTINT."""

import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import png
from tensor_file import read_safetensors

MEZZOTINT = sys.argv.pop()
TESTS = pathlib.Path(__file__).resolve().parents[1]
RGB, CLASSES = TESTS / "pipelines/data/ddpm", TESTS / "pipelines/data/classes"
PICTURE = TESTS / "io/data/images/rgb8.png"
STEPS = ("--scheduler", "ddim", "--steps", 6)
MORE_STEPS = ("--scheduler", "ddim", "--steps", 25)


def run(verb, *args):
    return subprocess.run([MEZZOTINT, verb, *map(str, args)], capture_output=True, text=True, check=False)


class Guide(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.out = self.folder / "out.png"

    def guide(self, *args, verb="guide", out=None):
        done = run(verb, *args, "-o", out or self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def picture(self, *args, verb="guide", steps=STEPS):
        """Its values, in [-1, 1] or so: planes one after another."""
        out = self.folder / "picture.safetensors"
        self.guide("emoji-32", *steps, *args, verb=verb, out=out)
        return read_safetensors(out)["images"][1]

    def refused(self, status, words, *args):
        done = run("guide", *args, "-o", self.out)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(words, done.stderr)
        self.assertFalse(self.out.exists())

    @staticmethod
    def distance(values, rgb):
        """Mean distance to a colour, in grey levels."""
        plane = len(values) // 3
        levels = (255 * min(1, max(0, value / 2 + 0.5)) for value in values)
        return sum(abs(level - rgb[i // plane]) for i, level in enumerate(levels)) / len(values)

    def test_colours_come_nearer_by_both_methods_and_both_engines(self):
        plain = self.distance(self.picture(verb="sample", steps=MORE_STEPS), (0x55, 0xff, 0xaa))
        for engine in ("fast", "reference"):
            for method in (1, 2):
                with self.subTest(method=method, engine=engine):
                    weak, strong = (self.distance(self.picture(
                        "--engine", engine, "--method", method, "--loss", f"color:#55FFAA,scale={scale}",
                        steps=MORE_STEPS),
                        (0x55, 0xff, 0xaa)) for scale in (2, 20))
                    self.assertLess(weak, plain - 1)
                    self.assertLess(strong, weak - 10)

    def test_short_forms_are_the_long_ones(self):
        self.assertEqual(self.picture("--color", "tomato"), self.picture("--loss", "color:#ff6347"))

    def test_words_by_the_clip_that_ships(self):
        made, cosines = {"guide": ("--prompt", "crying face"), "sample": ()}, {}
        for verb, options in made.items():
            folder = self.folder / verb
            self.guide("emoji-32", "-n", 4, "--steps", 40, *options, verb=verb, out=f"{folder}/")
            done = run("clip", "clip-emoji", "--text", "crying face", "--json",
                       *(part for picture in sorted(folder.glob("0*.png")) for part in ("--image", picture)))
            self.assertEqual(done.returncode, 0, done.stderr)
            found = [one["best"][0]["cosine"] for one in json.loads(done.stdout)["rankings"]]
            self.assertEqual(len(found), 4)
            cosines[verb] = sum(found) / 4
        self.assertGreater(cosines["guide"], cosines["sample"] + 0.3)

    def test_takes_a_hundred_steps_where_sampling_takes_a_thousand(self):
        steps = {name: json.loads(self.guide(RGB, "--color", "red", "--json", *options).stdout)["recipe"]["steps"]
                 for name, options in (("own", ()), ("ddim", ("--scheduler", "ddim")), ("said", ("--steps", 120)))}
        self.assertEqual(steps, {"own": 100, "ddim": 50, "said": 120})

    def test_scale_zero_is_sampling(self):
        self.assertEqual(self.picture("--loss", "color:red,scale=0"), self.picture(verb="sample"))

    def test_pictures_carry_what_made_them(self):
        loss = "color:#0f0,scale=3"
        done = self.guide(RGB, *STEPS, "--loss", loss, "--method", "2:0..2,1:3..", "--json")
        document = json.loads(done.stdout)
        self.assertEqual(document["schema"], "mezzotint/guide/1")
        self.assertEqual(document["recipe"]["losses"], [loss])
        self.assertEqual(document["recipe"]["method"], "2:0..2,1:3..")
        self.assertEqual(document["files"], [str(self.out)])

    def test_names_neednt_be_utf8(self):
        for out in (b"\xff.png", b"\xff.safetensors", b"\xff-folder"):
            path = bytes(self.folder) + b"/" + out
            done = subprocess.run([MEZZOTINT, "guide", str(RGB), "--steps", "2", "--scheduler", "ddim", "--color", "red",
                                   "--animate", bytes(self.folder) + b"/\xff.webp", "-o", path], capture_output=True,
                                  check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(pathlib.Path(os.fsdecode(path)).exists())

    def test_trace(self):
        table, plot = self.folder / "t.csv", self.folder / "t.svg"
        self.guide(RGB, *STEPS, "-n", 3, "--loss", "color:red,blue", "--loss", "tv,steps=2..3", "--method", "2:..4",
                   "--guidance-schedule", "table:1,0.5", "--guidance-trace", table, "--guidance-trace", plot)
        rows = list(csv.DictReader(table.read_text().splitlines()))
        self.assertEqual([row["timestep"] for row in rows], ["830", "664", "498", "332", "166", "0"])
        self.assertEqual([row["method"] for row in rows], ["2"] * 5 + ["0"])
        self.assertEqual([bool(row["tv"]) for row in rows], [False, False, True, True, False, False])
        for row in rows[:5]:
            self.assertGreater(float(row["color:red,blue"]), 0)
            self.assertGreater(float(row["move_rms"]), 0)
            self.assertTrue(0 <= float(row["clamped"]) <= 1)
        self.assertEqual(float(rows[5]["move_rms"]), 0)
        self.assertIn("<svg", plot.read_text())

    def test_references(self):
        mask = self.folder / "mask.png"
        png.write(mask, (0, 0, 0))
        for loss in (f"image:{PICTURE}", f"inpaint:{PICTURE},mask={mask}", f"superres:{PICTURE},factor=2",
                     f"image:{PICTURE},mask={PICTURE},measure=l1"):
            with self.subTest(loss):
                self.guide(RGB, *STEPS, "--loss", loss)

    def test_memory_saving_gives_the_same_picture(self):
        words = ("--method", 2, "--color", "red")
        self.assertEqual(self.picture(*words), self.picture(*words, "--gradient-checkpointing"))

    def test_classifier_free_guidance(self):
        words = (CLASSES, *STEPS, "--labels", "1*2", "--color", "white")
        plain, same, more = (self.folder / f"{name}.safetensors" for name in "abc")
        # Colours need three channels; these have one.
        self.refused(1, "needs pictures of 3 channels", *words)
        words = words[:-2]
        for out, extra in ((plain, ()), (same, ("--guidance-scale", 1)), (more, ("--guidance-scale", 4, "--null-label", 0))):
            done = run("sample", *words, *extra, "-o", out)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(read_safetensors(plain), read_safetensors(same))
        self.assertNotEqual(read_safetensors(plain), read_safetensors(more))

    def test_refuses(self):
        self.refused(2, "nothing to steer towards", RGB)
        self.refused(2, "did you mean 'color'?", RGB, "--loss", "colour:red")
        self.refused(2, "did you mean 'scale'?", RGB, "--loss", "color:red,scael=3")
        self.refused(2, "wanted 1 (the network's output held fixed)", RGB, "--color", "red", "--method", 3)
        self.refused(2, "did you mean 'sqrt_abar'?", RGB, "--color", "red", "--guidance-schedule", "sqrt_aba")
        self.refused(2, "wanted a name that ends in", RGB, "--color", "red", "--guidance-trace", "x.txt")
        self.refused(2, "--grad-clip: got -1", RGB, "--color", "red", "--grad-clip", "-1")
        self.refused(2, "needs a picture file", RGB, "--loss", "image")
        self.refused(1, "no-such.png", RGB, "--loss", "image:no-such.png")
        self.refused(2, "has learned no label for no class", CLASSES, "--loss", "tv", "--guidance-scale", 3)
        self.refused(2, "has no classes", RGB, "--loss", "tv", "--guidance-scale", 3)


if __name__ == "__main__":
    unittest.main()
