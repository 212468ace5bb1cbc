"""`mezzotint info` as a user runs it. Usage: info_test.py PATH-OF-MEZZOTINT."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import png

MEZZOTINT = sys.argv.pop()
DATA = pathlib.Path(__file__).resolve().parents[1] / "pipelines/data"
RGB, CLASSES = DATA / "ddpm", DATA / "classes"


def info(*args):
    return subprocess.run([MEZZOTINT, "info", *map(str, args)], capture_output=True, text=True, check=False)


def document(*args):
    return json.loads(info(*args, "--json").stdout)


class Info(unittest.TestCase):
    def test_what_a_model_is(self):
        found = document(RGB)
        self.assertEqual(found["schema"], "mezzotint/info/1")
        self.assertEqual((found["pipeline"], found["sampled_with"]), ("DDPMPipeline", "DDPMScheduler"))
        self.assertEqual(found["image_channels"], 3)
        self.assertEqual(found["unet"]["block_out_channels"], [16, 32])
        self.assertEqual(found["bytes_fp32"], 4 * found["parameters"])
        self.assertEqual(found["files"]["unet/diffusion_pytorch_model.safetensors"],
                         (RGB / "unet/diffusion_pytorch_model.safetensors").stat().st_size)

    def test_forecast(self):
        one, four, large = (document(RGB, *args)["forecast"]
                            for args in ((), ("--batch", 4), ("--size", "16x24")))
        self.assertEqual((one["height"], one["width"], one["steps"]), (8, 12, 1000))
        self.assertGreater(one["seconds_per_step"], 0)
        self.assertAlmostEqual(one["seconds"], one["seconds_per_step"] * 1000)
        self.assertEqual((large["height"], large["width"]), (16, 24))
        self.assertGreater(large["flops_per_picture"], 3.9 * one["flops_per_picture"])
        self.assertGreater(four["training_mb"], one["training_mb"])
        self.assertGreater(one["training_mb"], one["sampling_mb"])
        self.assertNotIn("seconds", document(RGB, "--no-timing")["forecast"])

    def test_a_short_step_is_told_in_milliseconds(self):
        table = info(RGB).stdout  # less than 50 ms a step, except on a machine that is very busy
        self.assertRegex(table, r"time +batch 1: about [\d.:]+ m?s? a step")
        self.assertNotRegex(table, r"\b0\.0 m?s")

    def test_classes_and_licence_in_the_table(self):
        with tempfile.TemporaryDirectory() as scratch:
            model = pathlib.Path(scratch) / "model"
            shutil.copytree(CLASSES, model)
            (model / "README.md").write_text("---\ntags:\n- x\nlicense: 'mit'\n---\n# A card\nlicense: no\n")
            table = info(model).stdout
        self.assertIn("0 shirt, 1 shoe, 2 bag", table)
        self.assertRegex(table, r"(?m)^licence +mit$")
        self.assertRegex(table, r"(?m)^blocks +DownBlock2D 8, AttnDownBlock2D 16; .*AttnUpBlock2D 16, UpBlock2D 8$")

    def test_what_a_clip_is(self):
        found = document("clip-emoji")
        self.assertEqual((found["kind"], found["config"]["projection_dim"]), ("clip", 128))
        self.assertEqual(len(found["mean"]), 3)
        self.assertLess(sum(found["files"].values()), 15_000_000)
        self.assertNotIn("forecast", found)
        table = info("clip-emoji").stdout
        self.assertRegex(table, r"(?m)^kind +clip; judges pictures in `guide`$")
        self.assertRegex(table, r"(?m)^pictures +32 x 32 in patches of 8; 3 blocks of 128, 4 heads$")
        self.assertRegex(table, r"(?m)^texts +up to 32 tokens of 4,096; 2 blocks of 128, 4 heads$")

    def test_a_file_of_a_clip(self):
        one = next((DATA / "clip").rglob("*.pt"))
        self.assertEqual(document(one)["kind"], "clip")

    def test_what_a_classifier_is(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            (folder / "data/0").mkdir(parents=True)
            (folder / "data/1").mkdir()
            for k in (0, 1):
                png.write(folder / f"data/{k}/a.png", (200 * k, 0, 0))
            done = subprocess.run([MEZZOTINT, "train", "--recipe", "classifier", "--data", folder / "data", "-o",
                                   folder / "run", "--max-train-steps", "1", "--batch-size", "2"],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(document(folder / "run/model")["kind"], "classifier")
            self.assertRegex(info(folder / "run/model").stdout, r"(?m)^classes +0 0, 1 1$")
            refused = subprocess.run([MEZZOTINT, "sample", folder / "run/model", "-o", folder / "x.png"],
                                     capture_output=True, text=True, check=False)
            self.assertEqual((refused.returncode, refused.stderr.count("\n")), (1, 1))
            self.assertIn("is a classifier, which makes no pictures", refused.stderr)

    def test_sizes_that_cannot_be(self):
        for size, status, words in (("0", 2, "--size"), ("8x", 2, "--size"), ("9", 2, "multiple")):
            done = info(RGB, "--size", size)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
