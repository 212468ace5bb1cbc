"""`mezzotint completion`: scripts for bash, zsh and fish, held to what --help lists. Usage: completion_test.py
PATH-OF-MEZZOTINT."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from help_page import HelpPages

MEZZOTINT = pathlib.Path(sys.argv.pop()).resolve()
HELP = HelpPages(MEZZOTINT)
MODELS = pathlib.Path(__file__).resolve().parents[2] / "models"


def output(*words, **options):
    return subprocess.run([*map(str, words)], capture_output=True, text=True, check=True, **options).stdout


def bash(line, folder=None):
    """What bash completes the last word of `line` to; = parts words there."""
    words = [""] if not line else [word for part in line.split(" ") for word in (re.split("(=)", part) if part else [""])]
    if words[-2:-1] == ["="] and words[-1] == "":
        words.pop()
    script = ('source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mezzotint; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    return [found for found in output("bash", "-c", script, BASH_SCRIPT, *words, cwd=folder).splitlines() if found]


def fish(line, folder=None):
    done = output("fish", "--no-config", "-c", 'source $argv[1]; complete -C $argv[2]', FISH_SCRIPT, line, cwd=folder)
    return [found.partition("\t")[0] for found in done.splitlines()]


class Completion(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        (self.folder / "pictures").mkdir()
        (self.folder / "notes of today.txt").touch()

    def complete(self, line):
        return bash(line, self.folder)

    def test_bash_knows_every_verb_and_option(self):
        self.assertIn(("data", "preview"), list(HELP.paths()))
        for path in HELP.paths():
            here = " ".join(["mezzotint", *path])
            with self.subTest(here):
                self.assertEqual(set(self.complete(here + " -")), HELP.options(*path))
                self.assertGreater(len(HELP.options(*path)), 6)
                if HELP.verbs(*path):
                    self.assertEqual(self.complete(here + " "), HELP.verbs(*path))

    def test_bash_completes_words(self):
        self.assertEqual(self.complete("mezzotint sa"), ["sample"])
        self.assertEqual(self.complete("mezzotint sample --sch"), ["--scheduler"])
        self.assertEqual(self.complete("mezzotint sample --scheduler dd"), ["ddim", "ddpm"])
        self.assertEqual(self.complete("mezzotint sample --scheduler=ddi"), ["ddim"])
        self.assertEqual(self.complete("mezzotint sample --scheduler="), ["ddim", "ddpm"])
        self.assertEqual(self.complete("mezzotint --device "), ["auto", "cpu", "cuda"])
        self.assertEqual(self.complete("mezzotint bench --engine r"), ["reference"])
        self.assertEqual(self.complete("mezzotint data pre"), ["preview"])
        self.assertEqual(self.complete("mezzotint data --seed 3 che"), ["check"])
        self.assertEqual(self.complete("mezzotint finetune --resize p"), ["pad"])
        self.assertEqual(self.complete("mezzotint train --preset course-m"), ["course-mnist"])
        self.assertEqual(self.complete("mezzotint completion "), ["bash", "fish", "zsh"])
        self.assertEqual(self.complete("mezzotint bench tr"), ["train-mnist-28"])
        self.assertEqual(self.complete("mezzotint bench sample-celebahq-256 --iters 3 tr"), ["train-mnist-28"])
        self.assertEqual(self.complete("mezzotint sample --steps "), [])

    def test_bash_completes_models_data_and_files(self):
        starters = sorted(path.parent.name for path in MODELS.glob("*/model_index.json"))
        self.assertGreater(len(starters), 0)
        for line in ("mezzotint sample ", "mezzotint sample --steps 3 --quiet ", "mezzotint train --init "):
            self.assertLessEqual({*starters, "pictures"}, set(self.complete(line)), line)
        self.assertEqual(self.complete("mezzotint sample emoji-32 "), [])  # one MODEL is enough
        self.assertEqual(self.complete("mezzotint data check fa"), ["fashion-mnist"])
        self.assertEqual(self.complete("mezzotint sample emoji-32 -o n"), ["notes of today.txt"])
        self.assertEqual(self.complete("mezzotint resume "), ["pictures"])

    def test_zsh_and_fish_know_every_verb_and_option(self):
        for shell, form in (("zsh", lambda name: name), ("fish", lambda name: re.sub("^-(.)$", r"-s \1", name).replace("--", "-l ", 1))):
            script = output(MEZZOTINT, "completion", shell)
            for path in HELP.paths():
                if shell == "zsh":
                    body = script.partition("\n_" + "_".join(["mezzotint", *path]) + "() {")[2].partition("\n}\n")[0]
                else:
                    body = "\n".join(line for line in script.splitlines() if f"'__mezzotint_at \"{' '.join(path)}\"'" in line)
                for name in sorted(HELP.options(*path)):
                    self.assertRegex(body, re.escape(form(name)) + r"(?![a-z0-9-])", (shell, path))
                for verb in HELP.verbs(*path):
                    self.assertRegex(body, rf"(?<!\S)'?{verb}\b", (shell, path))

    @unittest.skipUnless(shutil.which("fish"), "needs fish")
    def test_fish_completes(self):
        for line, found in (("mezzotint sa", ["sample"]), ("mezzotint sample --sch", ["--scheduler"]),
                            ("mezzotint sample --scheduler dd", ["ddim", "ddpm"]), ("mezzotint data pre", ["preview"]),
                            ("mezzotint --seed 3 data --threads 1 che", ["check"]),
                            ("mezzotint data check fa", ["fashion-mnist"]), ("mezzotint sample --steps ", []),
                            ("mezzotint bench train-mnist-28 gu", ["guide-celebahq-256"]),
                            ("mezzotint sample emo", ["emoji-32"]),
                            ("mezzotint sample x -o no", ["notes of today.txt"]), ("mezzotint resume p", ["pictures/"])):
            self.assertEqual(fish(line, self.folder), found, line)

    @unittest.skipUnless(shutil.which("zsh"), "needs zsh")
    def test_zsh_completes(self):
        for line, end in (("mezzotint sa", "mple"), ("mezzotint sample --sch", "eduler"), ("mezzotint --quiet sample emo", "ji-32"),
                          ("mezzotint data --seed 3 che", "ck"), ("mezzotint train --preset c", "ourse-mnist"),
                          ("mezzotint bench train-mnist-28 gu", "ide-celebahq-256")):
            with self.subTest(line):
                output("zsh", "-f", "-c", ZSH_DRIVER, ZSH_SCRIPT, line, f"*{line}{end}*", cwd=self.folder, timeout=60)

    def test_an_unknown_shell(self):
        done = subprocess.run([MEZZOTINT, "completion", "fsh"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("did you mean 'fish'?", done.stderr)


# Types the line and a tab into an interactive zsh, and waits until the line looks as it should.
ZSH_DRIVER = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1=; autoload -U compinit && compinit -u -D; source '${(q)0}'; echo re''ady'
zpty -r shell _ '*ready*'
zpty -w -n shell "$1"$'\t'
zpty -r shell _ "$2"
zpty -d shell
"""

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scripts:
        for shell in ("bash", "zsh", "fish"):
            path = globals()[f"{shell.upper()}_SCRIPT"] = pathlib.Path(scripts) / shell
            path.write_text(output(MEZZOTINT, "completion", shell))
        unittest.main()
