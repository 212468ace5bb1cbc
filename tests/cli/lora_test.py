"""Adapters (LoRA) as a user trains, adds and merges them. Usage: lora_test.py PATH-OF-MEZZOTINT."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import png
from tensor_file import read_safetensors

MEZZOTINT = sys.argv.pop()
DATA = pathlib.Path(__file__).resolve().parents[1] / "pipelines/data"
RGB, CLASSES = DATA / "ddpm", DATA / "classes"  # pictures of 8 x 12 and 8 x 8
STYLE = DATA / "lora/style"  # of another network
QUICK = ["--sample-count", 0, "--num-epochs", 50, "--batch-size", 4, "--log-samples-every", 0]


def run(*args):
    return subprocess.run([MEZZOTINT, *map(str, args)], capture_output=True, text=True, check=False)


class Lora(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.pictures = cls.folder / "pictures"
        cls.pictures.mkdir()
        for i in range(5):
            png.write(cls.pictures / f"{i}.png", [40 + 40 * i, 200, 30])
        cls.tuned = cls.folder / "run"
        cls.trained = run("finetune", RGB, "--data", cls.pictures, "-o", cls.tuned, *QUICK, "--max-train-steps", 6,
                          "--lora-rank", 2, "--lora-targets", "attention,conv1", "--lr", 0.05, "--json")

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def images(self, name, *args):
        out = self.folder / f"{name}.safetensors"
        done = run("sample", *args, "-o", out, "-n", 2, "--steps", 3, "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        return read_safetensors(out)["images"]

    def test_a_run_leaves_an_adapter_that_does_what_the_model_beside_it_does(self):
        self.assertEqual(self.trained.returncode, 0, self.trained.stderr)
        document = json.loads(self.trained.stdout)
        self.assertEqual(document["adapter"], str(self.tuned / "adapter"))
        config = json.loads((self.tuned / "adapter/adapter_config.json").read_text())
        self.assertEqual((config["peft_type"], config["r"], config["lora_alpha"]), ("LORA", 2, 2))
        merged, added = self.images("merged", self.tuned / "model"), self.images("added", RGB, "--lora", self.tuned)
        self.assertEqual(merged, added)
        self.assertNotEqual(merged, self.images("base", RGB))
        again = self.folder / "again"
        done = run("merge", RGB, "--lora", self.tuned / "adapter", "-o", again, "--json")
        self.assertEqual(json.loads(done.stdout)["schema"], "mezzotint/merge/1")
        self.assertEqual(self.images("again", again), added)

    def test_strengths_add_up(self):
        base = self.images("base", RGB)[1]
        none = self.images("none", RGB, "--lora", f"{self.tuned}:1.5", "--lora", f"{self.tuned}:-1.5")[1]
        self.assertLess(max(abs(a - b) for a, b in zip(base, none)), 1e-4)
        self.assertEqual(self.images("zero", RGB, "--lora", f"{self.tuned}:0")[1], base)
        half = self.images("half", RGB, "--lora", f"{self.tuned}:0.25", "--lora", f"{self.tuned}:0.25")[1]
        other = self.images("other", RGB, "--lora", f"{self.tuned}:0.5")[1]
        self.assertLess(max(abs(a - b) for a, b in zip(half, other)), 1e-4)

    def test_the_recipe_names_them(self):
        picture = self.folder / "x.png"
        done = run("guide", RGB, "-o", picture, "--steps", 2, "--color", "red", "--lora", f"{self.tuned}:0.5")
        self.assertEqual(done.returncode, 0, done.stderr)
        chunks = png.texts(picture)
        lora, = json.loads(chunks["mezzotint"])["loras"]
        self.assertEqual((lora["path"], lora["scale"], lora["rank"]), (str(self.tuned), 0.5, "2"))
        self.assertIn(f'Lora hashes: "run: {lora["sha256"][:10]}"', chunks["parameters"])

    def test_info(self):
        found = json.loads(run("info", STYLE, "--json").stdout)
        self.assertEqual((found["kind"], found["rank"], found["scale"]), ("lora", "3", [2.0, 2.0]))
        self.assertEqual(found["layers"]["to_q"], 4)
        self.assertIn("rank         3", run("info", STYLE).stdout)
        found = json.loads(run("info", RGB, "--lora", self.tuned, "--no-timing", "--json").stdout)
        self.assertEqual(found["loras"][0]["rank"], "2")

    def test_wrong_inputs(self):
        out = ["-o", self.folder / "no.png", "--steps", 2]
        train = ["--data", self.pictures, "-o", self.folder / "no", *QUICK, "--max-train-steps", 1]
        for args, code, words in (
            (("sample", RGB, *out, "--lora", STYLE), 1, "it was made for another"),
            (("sample", RGB, *out, "--lora", f"{self.tuned}:much"), 2, "wanted DIR or DIR:SCALE"),
            (("sample", RGB, *out, "--lora", self.folder / "nothing"), 1, "no such adapter"),
            (("sample", RGB, *out, "--lora", self.pictures), 1, "is no adapter"),
            (("sample", STYLE, *out), 1, "give it by --lora"),
            (("merge", RGB, "-o", self.folder / "no"), 2, "--lora"),
            (("merge", RGB, "--lora", self.tuned, "-o", self.pictures), 2, "isn't an empty folder"),
            (("train", *train, "--image-size", 8, "--lora-rank", 2), 2, "give --init MODEL"),
            (("finetune", RGB, *train, "--lora-rank", 2, "--lora-targets", "to_x"), 2, "'to_x' names no"),
            (("finetune", RGB, *train, "--lora-rank", -2), 2, "rank: got -2"),
        ):
            with self.subTest(words):
                done = run(*args)
                self.assertEqual(done.returncode, code, done.stderr)
                line = done.stderr.strip().splitlines()[-1]
                self.assertTrue(line.startswith("mezzotint: error: ") and words in line, done.stderr)
                self.assertFalse((self.folder / "no").exists() or (self.folder / "no.png").exists())

    def test_interrupted_it_goes_on_with_the_same_base_only(self):
        folder = self.folder / "cut"
        base = self.folder / "base"
        run("merge", RGB, "--lora", f"{self.tuned}:0", "-o", base)
        args = ["--data", self.pictures, *QUICK, "--lora-rank", 2]
        done = run("train", "--init", base, *args, "-o", folder, "--max-train-steps", 3, "--no-ema")
        self.assertEqual(done.returncode, 0, done.stderr)
        run("merge", RGB, "--lora", f"{self.tuned}:1", "-o", self.folder / "changed")
        base.rename(self.folder / "before")
        (self.folder / "changed").rename(base)
        done = run("resume", folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("isn't the model that the run began with", done.stderr)


if __name__ == "__main__":
    unittest.main()
