"""Holds the documentation to the command and the tree: every command line that it shows names verbs and options that
there are, the README's first five minutes run, and links lead somewhere. Usage: docs_test.py SOURCE MEZZOTINT."""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

MEZZOTINT = pathlib.Path(sys.argv.pop()).resolve()
ROOT = pathlib.Path(sys.argv.pop()).resolve()
sys.path.insert(0, str(ROOT / "tests/cli"))
from help_page import HelpPages  # noqa: E402

HELP = HelpPages(MEZZOTINT)
PICTURE = ROOT / "tests/io/data/images/rgba8.png"
NOT_OURS = {"build", "demo", "node_modules"}
PAGES = sorted(page for page in ROOT.rglob("*.md")
               if not any(part in NOT_OURS or part.startswith(".") for part in page.relative_to(ROOT).parts))
# What is taken besides the names in --help (apps/cli/command_line.cc).
SYNONYMS = {"--output": "--out", "--out": "--output", "--batch-size": "--batch", "--batch": "--batch-size",
            "--size": "--image-size", "--image-size": "--size"}


def shell_lines(text):
    """The command lines of a page: those of its sh blocks, and indented ones that call something of ours."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    without = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    blocks += re.findall(r"(?:^ {4}\S.*\n)(?:^ {4}.*\n)*", without, re.MULTILINE)
    for block in blocks:
        for line in block.replace("\\\n", " ").splitlines():
            if re.match(r"\s*(mezzotint|scripts/|tools/)", line):
                yield line.strip()


def inline_commands(text):
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return [" ".join(code.split()) for code in re.findall(r"`(mezzotint [^`]+)`", text)]


def words_of(line):
    """The words, without what stands for more: [-n N], ..., a|b."""
    words = shlex.split(re.sub(r"[\[\]…]|\.\.\.", " ", line).replace("\\|", "|"), comments=True)
    return [word.split("|")[0] for word in words]


def unknown(words):
    """What of `mezzotint VERB --options` isn't there."""
    path, rest = [], words[1:]
    while rest and rest[0] in HELP.verbs(*path):
        path.append(rest.pop(0))
    if HELP.verbs(*path) and rest and not rest[0].startswith("-") and rest[0] != "VERB":
        return f"no verb '{rest[0]}'"
    for word in rest:
        name = word.split("=")[0]
        dashed = name.replace("_", "-")
        if re.fullmatch(r"--?[a-z].*", name) and not {name, dashed, SYNONYMS.get(dashed)} & HELP.options(*path):
            return f"no option {name}"
    return None


def cheaper(words):
    """The same command with a few steps only."""
    words = list(words)
    if words[1] == "finetune":
        return [*words, "--max-train-steps", "1", "--sample-count", "2", "--sample-steps", "2"]
    if words[1] == "sample" and "--steps" not in words:
        return [*words, "--steps", "2"]
    if "--steps" in words:
        words[words.index("--steps") + 1] = "2"
    return words


class Documentation(unittest.TestCase):
    def test_command_lines_are_what_the_command_takes(self):
        seen = 0
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            for line in [*shell_lines(text), *inline_commands(text)]:
                with self.subTest(page=str(page.relative_to(ROOT)), line=line):
                    words = words_of(line)
                    seen += 1
                    if words[0] == "mezzotint":
                        self.assertIsNone(unknown(words))
                    else:
                        self.assertTrue((ROOT / words[0]).exists(), f"no {words[0]}")
        self.assertGreater(seen, 25)

    def test_options_in_the_text_are_options_of_some_verb(self):
        known = {name for path in HELP.paths() for name in HELP.options(*path)} | set(SYNONYMS)
        for tool in (ROOT / "tools").rglob("*.py"):
            known |= set(re.findall(r'"(--[a-z-]+)"', tool.read_text(encoding="utf-8")))
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
            for code in re.findall(r"`(--[^`]+)`", page.read_text(encoding="utf-8")):
                for name in re.findall(r"(?<!\S)--[a-z][a-z0-9_-]*", code.replace("\\|", "|")):
                    with self.subTest(page=str(page.relative_to(ROOT)), option=name):
                        self.assertTrue(name.replace("_", "-") in known, "unknown")

    def test_the_first_five_minutes(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        section = text.partition("## The first five minutes\n")[2].partition("\n## ")[0]
        lines = [words_of(line) for line in shell_lines(section) if line.startswith("mezzotint")]
        self.assertGreater(len(lines), 5)
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            (folder / "PICTURES").mkdir()
            for i in range(8):
                shutil.copyfile(PICTURE, folder / f"PICTURES/{i}.png")
            for words in map(cheaper, lines):
                with self.subTest(" ".join(words)):
                    done = subprocess.run([MEZZOTINT, *words[1:]], cwd=folder, capture_output=True, text=True, check=False)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    if "-o" in words:
                        self.assertTrue((folder / words[words.index("-o") + 1]).exists())
            self.assertTrue((folder / "runs/mine/report.html").exists())

    def test_links_lead_somewhere(self):
        for page in PAGES:
            text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
            for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text)):
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, heading = target.partition("#")
                with self.subTest(page=str(page.relative_to(ROOT)), target=target):
                    other = (page.parent / file) if file else page
                    self.assertTrue(other.exists())
                    if heading:
                        titles = re.findall(r"^#+ (.*)", other.read_text(encoding="utf-8"), re.MULTILINE)
                        slugs = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
                        self.assertIn(heading, slugs)


if __name__ == "__main__":
    os.environ.pop("MEZZOTINT_MODELS_DIR", None)  # the starter models are those of the tree
    unittest.main()
