"""What can't be done is said in one line, with the documented exit code, and leaves nothing behind. Usage:
refusal_test.py PATH-OF-MEZZOTINT."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

MEZZOTINT = pathlib.Path(sys.argv.pop()).resolve()
TESTS = pathlib.Path(__file__).resolve().parents[1]
RGB, CLASSES = TESTS / "pipelines/data/ddpm", TESTS / "pipelines/data/classes"  # 8 x 12 pixels; 3 classes of 8 x 8
TINY = ["--block-out-channels", "8,16", "--down-block-types", "DownBlock2D,DownBlock2D", "--up-block-types",
        "UpBlock2D,UpBlock2D", "--layers-per-block", 1, "--norm-num-groups", 4, "--max-train-steps", 1]


class Refusals(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        for name in ("empty", "fake", "texts", "nomodel", "pictures", "broken run"):
            (self.folder / name).mkdir()
        for i in range(2):
            shutil.copyfile(TESTS / "io/data/images/rgba8.png", self.folder / f"pictures/{i}.png")
        for name, text in (("fake/a.png", "hello"), ("texts/notes.txt", "hello"), ("nomodel/model_index.json", "{}"),
                           ("file", "hello"), ("broken run/config.json", "{"), ("key.toml", "[training]\nlrr = 3\n"),
                           ("syntax.toml", "lr = \n"), ("list.json", "[]")):
            (self.folder / name).write_text(text)

    def contents(self):
        return {str(path.relative_to(self.folder)): path.stat().st_size for path in self.folder.rglob("*")}

    def refused(self, code, words, *args):
        with self.subTest(" ".join(map(str, args))):
            before = self.contents()
            done = subprocess.run([MEZZOTINT, *map(str, args)], cwd=self.folder, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertEqual(done.stdout, "")
            self.assertRegex(done.stderr, r"\Amezzotint: error: [^\n]*\n\Z")
            self.assertIn(words, done.stderr)
            self.assertEqual(self.contents(), before)

    def test_models_that_are_none(self):
        for verb, to in (("sample", ("-o", "x.png")), ("info", ()), ("schedule", ()),
                         ("finetune", ("--data", "pictures", "-o", "run"))):
            self.refused(1, "no such folder: ./nowhere", verb, "./nowhere", *to)
        self.refused(1, "no model 'emoji-33', did you mean 'emoji-32'?", "info", "emoji-33")
        self.refused(1, "empty: has neither model_index.json nor config.json", "sample", "empty", "-o", "x.png")
        self.refused(1, "empty: has no scheduler_config.json", "schedule", "empty")
        self.refused(1, "has no _class_name", "info", "nomodel")
        self.refused(1, "no file of torch.save", "info", "file")
        self.refused(1, "no weights; looked for", "info", RGB, "--variant", "nope")

    def test_data_that_is_none(self):
        for words in (("data", "check"), ("data", "preview", "-o", "x.png"), ("train", *TINY, "-o", "run", "--data"),
                      ("finetune", RGB, "-o", "run", "--data")):
            self.refused(1, "empty: no pictures; wanted .png, .jpg, .jpeg or .webp files", *words, "empty")
        self.refused(1, "no such file or folder, and no known name, did you mean 'fashion-mnist'?", "data", "check",
                     "fashon-mnist")
        self.refused(1, "texts: no pictures", "data", "check", "texts")
        self.refused(1, "file: not a data set", "data", "check", "file")
        self.refused(1, "no picture of 1 can be read", "data", "preview", "fake", "-o", "x.png")
        self.refused(1, "fake/a.png: not a PNG, JPEG or WebP picture; to leave out what is damaged, set on_damaged to skip",
                     "train", *TINY, "--image-size", 8, "-o", "run", "--data", "fake")
        self.refused(1, "pictures: has no labels", "data", "preview", "pictures", "-o", "x.png", "--labels")
        self.refused(1, "has no folder named 'test'", "data", "check", "pictures", "--split", "test")
        self.refused(2, "training: no data; give --data FOLDER", "train", "-o", "run")

    def test_places_that_cannot_be_written_to(self):
        self.refused(1, "-o file/x.png: can't make the folder file", "sample", RGB, "-o", "file/x.png")
        self.refused(2, "-o file: is a file; wanted a name that ends in", "sample", RGB, "-o", "file")
        self.refused(2, "-o x.jpg: got the ending '.jpg'", "sample", RGB, "-o", "x.jpg")
        self.refused(1, "--trace file/x.safetensors: can't make", "sample", RGB, "-o", "x.png", "--trace",
                     "file/x.safetensors")
        self.refused(2, "-o x.jpg: wanted a name that ends in .png", "data", "preview", "pictures", "-o", "x.jpg")
        self.refused(1, "-o file/x.png: can't make", "data", "preview", "pictures", "-o", "file/x.png")
        self.refused(1, "--plot file/x.svg: can't make", "schedule", RGB, "--plot", "file/x.svg")
        self.refused(2, "pictures: exists and isn't an empty folder; give another", "train", *TINY, "--image-size", 8,
                     "--data", "pictures", "-o", "pictures")
        self.refused(2, "broken run: holds a run; go on with it by `mezzotint resume 'broken run'`", "train", *TINY,
                     "--image-size", 8, "--data", "pictures", "-o", "broken run")
        self.refused(1, "file/run: can't be made", "train", *TINY, "--image-size", 8, "--data", "pictures", "-o", "file/run")

    def test_outputs_in_folders_that_are_not_there_yet(self):
        for words, out in ((("sample", RGB, "--steps", 1, "-o"), "a/b/x.png"), (("schedule", RGB, "--plot"), "c/x.svg"),
                           (("data", "preview", "pictures", "-o"), "d/x.png")):
            done = subprocess.run([MEZZOTINT, *map(str, words), out], cwd=self.folder, capture_output=True, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue((self.folder / out).exists())

    def test_samples_that_cannot_be(self):
        to = ("-o", "x.png")
        self.refused(2, "got 5000 steps, wanted 1 to 1000", "sample", RGB, *to, "--steps", 5000)
        self.refused(2, "-n: got -1, wanted 1 to 1000000", "sample", RGB, *to, "-n", -1)
        self.refused(2, "--seed: got 'abc'", "sample", RGB, *to, "--seed", "abc")
        self.refused(2, "--engine: unknown value 'slow'; known: fast, reference", "sample", RGB, *to, "--engine", "slow")
        self.refused(2, "--labels: this model has no classes", "sample", RGB, *to, "--labels", 0)
        self.refused(2, "--labels: no class '7'; the classes: 0 shirt, 1 shoe, 2 bag", "sample", CLASSES, *to, "--labels", 7)
        self.refused(2, "--labels: got '1,', wanted classes", "sample", CLASSES, *to, "--labels", "1,")
        self.refused(2, "--seeds: got '1..', wanted seeds, such as", "sample", RGB, *to, "--seeds", "1..")
        self.refused(1, "cannot read nowhere.safetensors", "sample", RGB, *to, "--init-noise", "nowhere.safetensors")
        self.refused(1, "file: 5 bytes; a safetensors file has at least 8", "sample", RGB, *to, "--init-noise", "file")
        self.refused(1, "multiples of 2 (1 halving)", "sample", RGB, *to, "--steps", 1, "--height", 7)
        self.refused(1, "not enough memory; try fewer pictures, a smaller --batch or size (", "sample", RGB, *to,
                     "--height", 65536, "--width", 65536, "-n", 10000)

    def test_runs_that_cannot_be(self):
        train = ("train", *TINY, "--data", "pictures", "-o", "run", "--image-size")
        self.refused(2, "sample_size 9 can't be halved 1 time; wanted multiples of 2, such as 10 x 10", *train, 9)
        self.refused(2, "lr: got -1, wanted a number from 0", *train, 8, "--lr", -1)
        self.refused(2, "batch_size: got 0, wanted 1 or more", *train, 8, "--batch-size", 0)
        self.refused(2, "unknown scheduler 'ddmi', did you mean 'ddim'?", *train, 8, "--sample-scheduler", "ddmi")
        self.refused(2, "got 2000 steps, wanted 1 to 1000", *train, 8, "--sample-steps", 2000)
        self.refused(2, "8 channels can't be divided into 5 groups", "train", "-o", "run", "--data", "pictures",
                     "--image-size", 8, *TINY[:-4], "--norm-num-groups", 5)
        self.refused(2, "unknown down block 'DownBlok2D', did you mean 'DownBlock2D'?", "train", "--data", "pictures",
                     "-o", "run", "--down-block-types", "DownBlok2D,DownBlock2D,DownBlock2D,DownBlock2D")
        self.refused(2, "class-conditional, but the data has no labels", *train, 8, "--class-conditional")
        self.refused(2, "unknown preset 'emoji'", *train, 8, "--preset", "emoji")
        self.refused(2, "key.toml: training: unknown key 'lrr', did you mean 'lr'?", *train, 8, "--config", "key.toml")
        self.refused(2, "syntax.toml:1:6: ", *train, 8, "--config", "syntax.toml")
        self.refused(1, "cannot read nowhere.toml", *train, 8, "--config", "nowhere.toml")
        self.refused(2, "must be multiples of 2", "finetune", RGB, "--data", "pictures", "-o", "run", "--image-size", 9)
        self.refused(2, "pipeline decides its network and noise schedule; leave out --channels", "finetune", RGB, "--data",
                     "pictures", "-o", "run", "--channels", 1)

    def test_names_that_are_not_utf8(self):
        bad = os.fsdecode(b"bad\xff")
        train = ("train", *TINY, "--image-size", 8)
        self.refused(2, "-o: got 'bad\\xff', which isn't UTF-8", *train, "--data", "pictures", "-o", bad)
        self.refused(2, "--data: got 'bad\\xff', which isn't UTF-8", *train, "--data", bad, "-o", "run")
        self.refused(2, "-o: got 'bad\\xff', which isn't UTF-8", "finetune", RGB, "--data", "pictures", "-o", bad)
        self.refused(2, "-o: got 'bad\\xff', which isn't UTF-8", "branch", "run", "-o", bad)
        self.refused(2, "-o: got 'bad\\xff', which isn't UTF-8", "sweep", "--grid", "lr=1,2", *train, "--data", "pictures",
                     "-o", bad)
        for name in (b"red", b"bad\xff"):
            folder = os.fsencode(self.folder) + b"/classes/" + name
            os.makedirs(folder)
            shutil.copyfile(TESTS / "io/data/images/rgba8.png", folder + b"/0.png")
        self.refused(1, "class_names/0: got 'bad\\xff', which isn't UTF-8", *train, "--data", "classes", "-o", "run")

    def test_workloads_that_are_none(self):
        self.refused(2, "WORKLOAD: unknown value 'train-mnist', did you mean 'train-mnist-28'?", "bench", "train-mnist")
        self.refused(2, "--iters: got 0, wanted 1 to 999", "bench", "--iters", 0)
        self.refused(2, "--batch: got 'two', wanted a whole number", "bench", "--batch", "two")
        self.refused(2, "--device: got 'tpu'", "bench", "train-mnist-28", "--device", "tpu")

    def test_runs_that_are_none(self):
        for verb in ("resume", "report"):
            self.refused(1, "empty: is no run folder (it has no config.json)", verb, "empty")
            self.refused(1, "broken run/config.json:1:2: ", verb, "broken run")
        self.refused(1, "./nowhere: is no run folder", "resume", "./nowhere")
        self.refused(1, "./nowhere: no such file or folder; wanted a run folder or a .json list", "report", "./nowhere")
        self.refused(2, "list.json: got [], wanted an object", "report", "list.json")


if __name__ == "__main__":
    unittest.main()
