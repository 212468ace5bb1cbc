"""`mezzotint clip`, and what else takes a CLIP, on one that is trained here. Usage: clip_test.py PATH-OF-MEZZOTINT."""

import json
import math
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import png
from tensor_file import read_safetensors

MEZZOTINT = sys.argv.pop()
COLORS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "black": (0, 0, 0), "white": (255, 255, 255),
          "yellow": (255, 255, 0)}
RECIPE = """
[training]
batch_size = 6
num_epochs = 150
lr = 4e-3
adam_weight_decay = 0.0
log_samples_every = 0
save_model_every = 0
[contrastive]
vocabulary = 560
[augmentation]
color = 0.0
contrast = 0.0
noise = 0.2
[model]
projection_dim = 8
[model.text_config]
hidden_size = 16
intermediate_size = 32
num_hidden_layers = 1
num_attention_heads = 2
max_position_embeddings = 12
[model.vision_config]
hidden_size = 16
intermediate_size = 32
num_hidden_layers = 1
num_attention_heads = 2
image_size = 8
patch_size = 4
"""


def run(verb, *args):
    return subprocess.run([MEZZOTINT, verb, *map(str, args)], capture_output=True, text=True, check=False)


class Clip(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        cls.data = cls.folder / "data"
        cls.data.mkdir()
        lines = []
        for name, color in COLORS.items():
            png.write(cls.data / f"{name}.png", color)
            lines.append(json.dumps({"file_name": f"{name}.png", "text": name}))
        (cls.data / "metadata.jsonl").write_text("\n".join(lines) + "\n")
        (cls.folder / "recipe.toml").write_text(RECIPE)
        done = run("train", "--recipe", "clip", "--config", cls.folder / "recipe.toml", "--data", cls.data,
                   "-o", cls.folder / "run", "--quiet")
        assert done.returncode == 0, done.stderr
        cls.model = cls.folder / "run/model"

    def clip(self, *args):
        done = run("clip", self.model, *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def refused(self, status, words, verb, *args):
        done = run(verb, *args)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(words, done.stderr)

    def texts(self):
        return [word for name in COLORS for word in ("--text", name)]

    def test_ranks_texts_for_each_picture(self):
        document = json.loads(self.clip(*self.texts(), "--image", self.data, "--top", 2, "--json").stdout)
        self.assertEqual(document["schema"], "mezzotint/clip/1")
        self.assertEqual(len(document["rankings"]), len(COLORS))
        for one in document["rankings"]:
            self.assertEqual(one["best"][0]["name"], pathlib.Path(one["query"]).stem)
            self.assertEqual(len(one["best"]), 2)
            self.assertGreater(one["best"][0]["probability"], one["best"][1]["probability"])

    def test_ranks_pictures_for_each_text(self):
        lines = self.clip("--rank", "images", "--top", 1, "--text", "blue", "--image", self.data).stdout.splitlines()
        self.assertEqual(lines[0], "blue")
        self.assertTrue(lines[1].endswith("blue.png"), lines)
        self.assertEqual(len(lines), 2)

    def test_embeds(self):
        out = self.folder / "e.safetensors"
        self.clip("--text", "red", "--image", self.data / "red.png", "--image", self.data / "blue.png", "-o", out)
        found = read_safetensors(out)
        self.assertEqual(found["text_embeds"][0], [1, 8])
        self.assertEqual(found["image_embeds"][0], [2, 8])
        self.assertAlmostEqual(math.hypot(*found["text_embeds"][1]), 1, places=5)
        self.clip("--text", "red", "-o", out)
        self.assertEqual(list(read_safetensors(out)), ["text_embeds"])

    def test_guides(self):
        out = self.folder / "g.safetensors"
        means = {}
        for color in ("red", "blue"):
            done = run("guide", "emoji-32", "--scheduler", "ddim", "--steps", 12, "-n", 2, "--clip", self.model,
                       "--loss", f"clip:{color},scale=60,cuts=2,min_area=0.9", "-o", out, "--quiet")
            self.assertEqual(done.returncode, 0, done.stderr)
            values = read_safetensors(out)["images"][1]
            plane = 32 * 32
            red, blue = (sum(sum(values[(3 * k + c) * plane:(3 * k + c + 1) * plane]) for k in (0, 1)) for c in (0, 2))
            means[color] = red - blue
        self.assertGreater(means["red"], means["blue"] + 20)

    def test_refuses(self):
        picture = self.data / "red.png"
        self.refused(2, "nothing to look at", "clip", self.model)
        self.refused(2, "texts alone are only embedded", "clip", self.model, "--text", "red")
        self.refused(2, "wanted a name that ends in .safetensors", "clip", self.model, "--text", "red", "-o", "x.png")
        self.refused(1, "is a pipeline", "clip", "emoji-32", "--text", "red", "--image", picture)
        self.refused(1, "no-such.png", "clip", self.model, "--text", "red", "--image", "no-such.png")
        self.refused(1, "has no pictures", "clip", self.model, "--text", "red", "--image", self.folder / "run/model")
        self.refused(1, "is a CLIP", "sample", self.model, "-o", self.folder / "x.png")
        self.refused(1, "is a pipeline", "guide", "emoji-32", "--clip", "emoji-32", "--prompt", "red", "-o",
                     self.folder / "x.png")
        damaged = self.folder / "damaged"
        shutil.copytree(self.model, damaged)
        (damaged / "vocab.json").write_text('{"a": 1}')
        self.refused(1, f"{damaged}: vocabulary: it has no start token", "clip", damaged, "--text", "red", "--image",
                     picture)
        self.refused(2, "empty prompt", "guide", "emoji-32", "--clip", self.model, "--prompt", "red||blue", "-o",
                     self.folder / "x.png")


if __name__ == "__main__":
    unittest.main()
