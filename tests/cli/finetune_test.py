"""Train, stop, resume, fine-tune and sample a tiny network, as a user runs it. Usage: finetune_test.py PATH-OF-MEZZOTINT."""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import png
from tiny_net import TINY_NET

MEZZOTINT = sys.argv.pop()
TINY = [*TINY_NET, "--batch-size", 4, "--sample-count", 2, "--sample-steps", 2,
        "--log-samples-every", 0]


def run(*args):
    return subprocess.run([MEZZOTINT, *map(str, args)], capture_output=True, text=True, check=False)


class FineTune(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.data = self.folder / "pictures"
        for name, color in (("red", (200, 20, 20)), ("blue", (20, 20, 200))):
            (self.data / name).mkdir(parents=True)
            for i in range(5):
                png.write(self.data / name / f"{i}.png", [min(255, c + 9 * i) for c in color])

    def train(self, out, *more):
        return run("train", "--data", self.data, "-o", self.folder / out, *TINY, "--quiet", *more)

    def test_train_then_fine_tune_then_sample(self):
        done = self.train("first", "--max-train-steps", 3, "--num-epochs", 9, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual((document["schema"], document["updates"]), ("mezzotint/train/1", 3))
        tuned = self.folder / "tuned"
        done = run("finetune", "--start_model", self.folder / "first/model", "--dataset_name", self.data,
                   "--model_save_name", tuned, "--image_size", 8,
                   "--batch_size", 4, "--num_epochs", 1, "--grad_accumulation_steps", 2, "--sample-count", 2,
                   "--sample-steps", 2, "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        for file in ("config.json", "metrics.jsonl", "loss.svg", "loss.png", "samples/before-after.png",
                     "model/model_index.json"):
            self.assertTrue((tuned / file).exists(), file)
        picture = self.folder / "out/picture.png"
        done = run("sample", tuned / "model", "-o", picture, "-n", 2, "--steps", 3, "--seed", 5, "--preview-every", 2)
        self.assertEqual(done.returncode, 0, done.stderr)
        chunks = png.texts(picture)
        self.assertIn("Steps: 3, Sampler: DDPM, Seed: 5, Size: 8x8", chunks["parameters"])
        self.assertEqual(json.loads(chunks["mezzotint"])["seed"], 5)
        self.assertEqual(len(list((self.folder / "out/picture-previews").glob("step-*.png"))), 2)

    def test_a_picture_does_not_depend_on_its_batch(self):
        self.assertEqual(self.train("run", "--max-train-steps", 1).returncode, 0)
        for out, more in (("all", ["--seeds", "3..6"]), ("few", ["--seeds", "5,3", "--batch", 1])):
            done = run("sample", self.folder / "run/model", "-o", self.folder / out, "--steps", 3, *more)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(list((self.folder / "all").glob("*.png"))), 5)  # four and the grid
        for few, whole in (("0000", "0002"), ("0001", "0000")):
            with self.subTest(few):
                self.assertEqual(png.scan_lines(self.folder / f"few/{few}.png"), png.scan_lines(self.folder / f"all/{whole}.png"))

    def test_a_preset_decides_with_init_too_all_but_the_network(self):
        self.assertEqual(self.train("first", "--max-train-steps", 1).returncode, 0)
        done = run("train", "--preset", "emoji-32", "--init", self.folder / "first/model", "--data", self.data,
                   "-o", self.folder / "more", "--max-train-steps", 1, "--sample-count", 0, "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        config = json.loads((self.folder / "more/config.json").read_text())
        self.assertEqual(config["training"]["batch_size"], 32)
        self.assertIs(config["transform"]["horizontal_flip"], False)  # the default is True
        self.assertEqual((config["transform"]["height"], config["model"]["block_out_channels"]), (8, [8, 16]))

    def test_classes_are_learned_and_sampled_by_name(self):
        done = self.train("classes", "--class-conditional", "--max-train-steps", 2)
        self.assertEqual(done.returncode, 0, done.stderr)
        model = self.folder / "classes/model"
        done = run("sample", model, "-o", self.folder / "x.png", "--steps", 2, "--labels", "RED*2,0", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["recipe"]["labels"], [1, 1, 0])
        done = run("sample", model, "-o", self.folder / "y.png", "--steps", 2, "--labels", "rad")
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean 'red'?", done.stderr)

    def test_interrupted_and_resumed_it_ends_as_if_nothing_had_happened(self):
        more = ["--max-train-steps", 40, "--num-epochs", 99, "--ema"]
        self.assertEqual(self.train("whole", *more).returncode, 0)
        args = [MEZZOTINT, "train", "--data", self.data, "-o", self.folder / "cut", *TINY, *more]
        process = subprocess.Popen(list(map(str, args)), stderr=subprocess.PIPE, text=True)
        metrics = self.folder / "cut/metrics.jsonl"
        while process.poll() is None and not (metrics.exists() and metrics.stat().st_size > 0):
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
        if process.returncode != 0:  # it may have been quicker than the signal
            self.assertEqual(process.returncode, 130, said)
            self.assertIn("mezzotint resume", said)
            done = run("resume", self.folder / "cut", "--quiet")
            self.assertEqual(done.returncode, 0, done.stderr)
        weights = "model/unet/diffusion_pytorch_model.safetensors"
        self.assertEqual((self.folder / "whole" / weights).read_bytes(), (self.folder / "cut" / weights).read_bytes())

    def test_a_branch_goes_on_another_way_and_leaves_the_run_alone(self):
        more = ["--lr-schedule", "constant", "--save-model-every", 2, "--keep-checkpoints", 9, "--num-epochs", 99]
        self.assertEqual(self.train("short", "--max-train-steps", 4, *more).returncode, 0)
        self.assertEqual(self.train("long", "--max-train-steps", 8, *more).returncode, 0)
        before = {path: path.read_bytes() for path in (self.folder / "short").rglob("*") if path.is_file()}
        weights = "model/unet/diffusion_pytorch_model.safetensors"
        # Without changes but for the length it is the longer run.
        done = run("branch", self.folder / "short", "-o", self.folder / "same", "--at", 2, "--max-train-steps", 8, "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.folder / "same" / weights).read_bytes(), (self.folder / "long" / weights).read_bytes())
        losses = [[json.loads(line)["value"] for line in (self.folder / out / "metrics.jsonl").read_text().splitlines()
                   if '"loss"' in line] for out in ("same", "long")]
        self.assertEqual(*losses)
        done = run("branch", self.folder / "short", "-o", self.folder / "other", "--lr", "1e-5", "--max-train-steps", 8,
                   "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotEqual((self.folder / "other" / weights).read_bytes(), (self.folder / "long" / weights).read_bytes())
        self.assertEqual(before, {path: path.read_bytes() for path in before})
        done = run("branch", self.folder / "short", "-o", self.folder / "none", "--at", 3)
        self.assertEqual(done.returncode, 1)
        self.assertIn("has no checkpoint of update 3; there are update-00000002, update-00000004", done.stderr)
        done = run("branch", self.folder / "short", "-o", self.folder / "none", "--lr", "1e-5")
        self.assertEqual(done.returncode, 2)
        self.assertIn("nothing is left to do: 4 updates are done, and 4 wanted; give more by", done.stderr)
        self.assertFalse((self.folder / "none").exists())

    def test_the_configuration_of_a_tuned_run_repeats_it(self):
        self.assertEqual(self.train("first", "--max-train-steps", 1).returncode, 0)
        model = self.folder / "first/model"
        done = run("finetune", model, "--data", self.data, "-o", self.folder / "tuned", "--batch-size", 4,
                   "--max-train-steps", 2, "--sample-count", 0, "--quiet", "--lora-rank", 2, "--lr", "1e-3")
        self.assertEqual(done.returncode, 0, done.stderr)
        config = self.folder / "tuned/config.json"
        for verb in (("train",), ("finetune", model)):
            out = self.folder / f"again-{verb[0]}"
            done = run(*verb, "--config", config, "-o", out, "--quiet")
            self.assertEqual(done.returncode, 0, done.stderr)
            weights = "model/unet/diffusion_pytorch_model.safetensors"
            self.assertEqual((out / weights).read_bytes(), (self.folder / "tuned" / weights).read_bytes())

    def test_a_file_may_name_the_pretrained_model(self):
        self.assertEqual(self.train("first", "--max-train-steps", 1).returncode, 0)
        file = self.folder / "run.toml"
        file.write_text(f'init = "{self.folder / "first/model"}"\ndata = "{self.data}"\n')
        done = run("train", "--config", file, "-o", self.folder / "more", "--max-train-steps", 1, "--sample-count", 0)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_wrong_inputs(self):
        nothing = self.folder / "nothing"
        nothing.mkdir()
        for args, code, words in (
            (("train", "--data", nothing, "-o", self.folder / "a"), 1, "nothing"),
            (("train", "--data", self.data, "-o", self.data, *TINY), 2, "isn't an empty folder"),
            (("train", "--data", self.data, "-o", self.folder / "b", *TINY, "--lr-schedule", "cosin"), 2, "'cosine'"),
            (("train", "--data", self.data, "-o", self.folder / "c", "--image-size", 9, *TINY[2:]), 2, "multiples of 2"),
            (("finetune", "emoji-33", "--data", self.data, "-o", self.folder / "d"), 1, "emoji-33"),
            (("resume", nothing), 1, "nothing"),
            (("train", "--data", self.data, "-o", self.folder / "e", *TINY, "--lora-alpha", 3), 2, "--lora-rank"),
        ):
            with self.subTest(args[0] + " " + words):
                done = run(*args)
                self.assertEqual(done.returncode, code, done.stderr)
                lines = done.stderr.strip().splitlines()
                self.assertTrue(lines[-1].startswith("mezzotint: error: "), done.stderr)
                self.assertIn(words, lines[-1])


if __name__ == "__main__":
    unittest.main()
