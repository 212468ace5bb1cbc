"""`mezzotint sample` as a user runs it. Usage: sample_test.py PATH-OF-MEZZOTINT."""

import json
import math
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import png
from tensor_file import read_safetensors, write_safetensors

MEZZOTINT = sys.argv.pop()
DATA = pathlib.Path(__file__).resolve().parents[1] / "pipelines/data"
RGB, CLASSES = DATA / "ddpm", DATA / "classes"  # 3 channels of 8 x 12; 3 classes of 1 channel of 8 x 8


def sample(*args):
    return subprocess.run([MEZZOTINT, "sample", *map(str, args)], capture_output=True, text=True, check=False)


def write_noise(path, shape):
    values = [((i * 7919) % 2003 - 1001) / 578 for i in range(math.prod(shape))]  # about unit variance
    write_safetensors(path, {"noise": (shape, values)})


def gif_durations(data):
    """In ms, of each frame: the delays of the graphics control extensions."""
    return [10 * int.from_bytes(delay, "little") for delay in re.findall(rb"\x21\xf9\x04.(..).\x00", data, re.DOTALL)]


def webp_durations(data):
    """In ms, of each frame: bytes 12 to 14 of the chunks ANMF."""
    durations, at = [], 12
    while at < len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        if kind == b"ANMF":
            durations.append(int.from_bytes(data[at + 20:at + 23], "little"))
        at += 8 + size + size % 2
    return durations


class Sample(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.png = self.folder / "out.png"

    def images(self, name, *args):
        out = self.folder / f"{name}.safetensors"
        done = sample(*args, "-o", out, "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        return read_safetensors(out)["images"]

    def refused(self, status, words, *args):
        done = sample(*args)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(words, done.stderr)
        self.assertFalse(self.png.exists())

    def test_both_engines_give_the_same_pictures(self):
        words = ("emoji-32", "-n", 2, "--scheduler", "ddim", "--steps", 4)
        fast, again, reference = (self.images(name, *words, *engine)[1] for name, *engine in (
            ("a", ), ("b", "--engine", "fast"), ("c", "--engine", "reference")))
        self.assertEqual(fast, again)
        self.assertNotEqual(fast, reference)  # else it wasn't another engine that computed

        def grey(value):
            return round(255 * min(max(value / 2 + 0.5, 0), 1))
        self.assertLessEqual(max(abs(grey(a) - grey(b)) for a, b in zip(fast, reference)), 1)

    def test_one_picture_carries_its_recipe(self):
        done = sample(RGB, "-o", self.png, "--steps", 3, "--scheduler", "ddim", "--seed", 7)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(png.size(self.png), (12, 8))
        chunks = png.texts(self.png)
        for part in ("Steps: 3", "Sampler: DDIM", "Seed: 7", "Size: 12x8"):
            self.assertIn(part, chunks["parameters"])
        recipe = json.loads(chunks["mezzotint"])
        self.assertEqual(recipe["schema"], "mezzotint/recipe/1")
        self.assertEqual(recipe["command"],
                         f"mezzotint sample {RGB} -o {self.png} --steps 3 --scheduler ddim --seed 7")
        self.assertEqual(len(recipe["model_sha256"]), 64)

    def test_a_grid(self):
        self.assertEqual(sample(RGB, "-o", self.png, "--steps", 2, "-n", 5, "--columns", 3).returncode, 0)
        self.assertEqual(png.size(self.png), (3 * 14 + 2, 2 * 10 + 2))

    def test_a_folder_and_what_an_earlier_run_left_in_it(self):
        out = self.folder / "made/here"
        done = sample(RGB, "-o", out, "--steps", 2, "--seeds", "3..5", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document["schema"], "mezzotint/sample/1")
        self.assertEqual([pathlib.Path(file).name for file in document["files"]],
                         ["0000.png", "0001.png", "0002.png", "grid.png"])
        self.assertEqual(json.loads(png.texts(out / "0001.png")["mezzotint"])["seed"], 4)
        done = sample(RGB, "-o", out, "--steps", 2)
        self.assertIn("0001.png is from an earlier run", done.stderr)
        self.assertEqual(png.size(out / "grid.png"), (12, 8))

    def test_the_seed_decides_and_the_batch_does_not(self):
        args = (RGB, "--steps", 3, "-n", 3)
        shape, first = self.images("a", *args, "--seed", 1)
        self.assertEqual(shape, [3, 3, 8, 12])
        self.assertEqual(self.images("b", *args, "--seed", 1), (shape, first))
        self.assertNotEqual(self.images("c", *args, "--seed", 2)[1], first)
        for got, wanted in zip(self.images("d", *args, "--seed", 1, "--batch", 2)[1], first, strict=True):
            self.assertAlmostEqual(got, wanted, delta=1e-3)

    def test_each_picture_its_own_seed(self):
        three = self.images("three", RGB, "--steps", 3, "--seeds", "5,6,7")[1]
        alone = self.images("alone", RGB, "--steps", 3, "--seeds", "6")[1]
        for got, wanted in zip(three[288:576], alone, strict=True):
            self.assertAlmostEqual(got, wanted, delta=1e-3)

    def test_trace_from_given_noise(self):
        noise, trace = self.folder / "noise.safetensors", self.folder / "trace.safetensors"
        write_noise(noise, [2, 3, 8, 12])
        images = self.images("out", RGB, "--scheduler", "ddim", "--steps", 4, "--init-noise", noise, "--trace", trace)
        found = read_safetensors(trace)
        self.assertEqual(found["timesteps"], ([4], [750, 500, 250, 0]))
        self.assertEqual(set(found), {"timesteps", *(f"{kind}.{k}" for kind in ("x", "x0") for k in range(4))})
        self.assertEqual(found["x.3"], images)
        self.assertEqual(found["x0.3"], images)  # the last step of DDIM returns x0

    def test_previews(self):
        done = sample(RGB, "-o", self.png, "--steps", 5, "--preview-every", 2, "--json")
        names = [pathlib.Path(file).name for file in json.loads(done.stdout)["files"]]
        self.assertEqual(names, ["out.png", "step-0000.png", "step-0002.png", "step-0004.png"])
        self.assertTrue((self.folder / "out-previews/step-0004.png").exists())

    def test_animations(self):
        for name, args, frames in (("a.gif", (), 5), ("b.webp", (), 5), ("c.gif", ("--animate-every", 3), 3),
                                   ("made/here/d.webp", ("--animate-every", 9), 2)):
            path = self.folder / name
            done = sample(RGB, "-o", self.png, "--steps", 5, "-n", 2, "--seed", 3, "--animate", path, "--json", *args)
            self.assertEqual(done.returncode, 0, done.stderr)
            document = json.loads(done.stdout)
            self.assertEqual(document["files"], [str(self.png), str(path)])
            data = path.read_bytes()
            self.assertIn(b'"seed":3' if path.suffix == ".gif" else b"<dc:description>", data)
            durations = gif_durations(data) if path.suffix == ".gif" else webp_durations(data)
            self.assertEqual(durations, [250] * (frames - 1) + [2000])
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["a.gif", "b.webp", "c.gif", "made", "out.png"])

    def test_a_long_animation_has_sixty_frames_at_most(self):
        for steps, frames in ((60, 60), (61, 31), (200, 51)):
            path = self.folder / "long.gif"
            self.assertEqual(sample(RGB, "-o", self.png, "--steps", steps, "--animate", path).returncode, 0)
            durations = gif_durations(path.read_bytes())
            self.assertEqual(len(durations), frames)
            self.assertLessEqual(abs(sum(durations[:-1]) - 4000), 600)

    def test_animations_that_cannot_be(self):
        to = ("-o", self.png)
        for name in ("a.mp4", "gif", "a.gif.png"):
            self.refused(2, "wanted a name that ends in .webp or .gif", RGB, *to, "--animate", self.folder / name)
        self.refused(2, "--animate-every comes with --animate", RGB, *to, "--animate-every", 2)
        self.refused(2, "--animate-every: got 0", RGB, *to, "--animate", self.folder / "a.gif", "--animate-every", 0)
        (self.folder / "file").write_text("")
        self.refused(1, "can't make the folder", RGB, *to, "--animate", self.folder / "file/a.gif")
        (self.folder / "folder.gif").mkdir()
        self.refused(1, "folder.gif: is a folder", RGB, *to, "--animate", self.folder / "folder.gif")
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["file", "folder.gif"])

    def with_four_channels(self):
        """The RGB pipeline with a fourth channel in and out, as one of latents has."""
        path = self.folder / "latents"
        shutil.copytree(RGB, path)
        config = path / "unet/config.json"
        config.write_text(json.dumps(json.loads(config.read_text()) | {"in_channels": 4, "out_channels": 4}))
        weights = path / "unet/diffusion_pytorch_model.safetensors"
        tensors = read_safetensors(weights)
        (shape, values), width = tensors["conv_in.weight"], 3 * 9
        filters = [values[i * width:(i + 1) * width] + values[:9] for i in range(shape[0])]
        tensors["conv_in.weight"] = [shape[0], 4, 3, 3], sum(filters, [])
        for name in ("conv_out.weight", "conv_out.bias"):
            shape, values = tensors[name]
            tensors[name] = [4, *shape[1:]], values + values[:len(values) // 3]
        write_safetensors(weights, tensors)
        return path

    def test_four_channels_are_no_picture(self):
        path = self.with_four_channels()
        self.assertEqual(self.images("latents", path, "--steps", 2)[0], [1, 4, 8, 12])
        self.refused(2, "the model makes 4 channels, a picture has 1 or 3", path, "-o", self.png)
        self.refused(2, "--preview-every: the model makes 4", path, "-o", self.folder / "l.safetensors",
                     "--preview-every", 1)
        self.refused(2, "--animate: the model makes 4", path, "-o", self.folder / "l.safetensors",
                     "--animate", self.folder / "l.gif")

    def test_classes_by_number_and_name(self):
        done = sample(CLASSES, "-o", self.png, "--steps", 2, "--labels", "Bag*2,0*2", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["recipe"]["labels"], [2, 2, 0, 0])
        self.assertEqual(png.size(self.png), (2 * 10 + 2, 2 * 10 + 2))
        for args, labels in (((), [0, 1, 2]), (("-n", 4), [0, 1, 2, 0]), (("-n", 2, "--labels", "shoe"), [1, 1])):
            done = sample(CLASSES, "-o", self.png, "--steps", 1, "--json", *args)
            self.assertEqual(json.loads(done.stdout)["recipe"]["labels"], labels)

    def test_requests_that_cannot_be(self):
        to = ("-o", self.png)
        self.refused(2, "-n asks for 2 pictures but --labels for 3", CLASSES, *to, "-n", 2, "--labels", "0,1,2")
        self.refused(2, "did you mean 'shoe'?", CLASSES, *to, "--labels", "sheo")
        self.refused(2, "no classes", RGB, *to, "--labels", "0")
        self.refused(2, "exclude each other", RGB, *to, "--seed", 1, "--seeds", "1,2")
        self.refused(2, "--seeds: got '5..1'", RGB, *to, "--seeds", "5..1")
        self.refused(2, "--eta: DDPMScheduler takes none", RGB, *to, "--eta", 0.5)
        self.refused(2, "--eta: got 2", RGB, *to, "--scheduler", "ddim", "--eta", 2)
        self.refused(2, "did you mean 'ddim'?", RGB, *to, "--scheduler", "ddmi")
        self.refused(2, "--batch: got 0", RGB, *to, "--batch", 0)
        self.refused(2, "got the ending '.jpg'", RGB, "-o", self.folder / "out.jpg")
        self.refused(2, "got 1001 steps", RGB, *to, "--steps", 1001)
        self.refused(1, "multiple", RGB, *to, "--height", 9, "--steps", 1)
        noise = self.folder / "noise.safetensors"
        write_noise(noise, [2, 4, 8, 12])
        self.refused(1, "wanted [pictures, 3, height, width]", RGB, *to, "--init-noise", noise)

    def test_models_that_cannot_be(self):
        to = ("-o", self.png)
        self.refused(1, "no such folder", "./nowhere", *to)
        self.refused(1, "did you mean 'google/ddpm-celebahq-256'?", "google/ddpm-cecebahq-256", *to)
        broken = self.folder / "broken"
        shutil.copytree(RGB, broken)
        weights = broken / "unet/diffusion_pytorch_model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-100])
        self.refused(1, str(weights), broken, *to)
        weights.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
        self.refused(1, "git-lfs", broken, *to)
        (broken / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
        self.refused(1, "StableDiffusionPipeline is not supported", broken, *to)

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_folder_that_cannot_be_written_to(self):
        self.folder.chmod(0o500)
        self.refused(1, "can't write", RGB, "-o", self.png)
        with tempfile.TemporaryDirectory() as other:
            self.refused(1, "--animate", RGB, "-o", f"{other}/a.png", "--animate", self.folder / "a.gif")


if __name__ == "__main__":
    unittest.main()
