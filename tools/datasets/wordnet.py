"""Reads WordNet 3.0 as the Debian package wordnet-base lays it out: data.POS, index.POS, POS.exc, cntlist.rev (wndb(5WN)).
"""

import collections
import pathlib
import re
from typing import NamedTuple

FOLDER = pathlib.Path("/usr/share/wordnet")
PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
# Endings that a base form has lost, after morphy(7WN), over all parts of speech.
ENDINGS = (("ies", "y"), ("ses", "s"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"), ("men", "man"),
           ("s", ""), ("ing", ""), ("ing", "e"), ("ed", "e"), ("ed", ""), ("er", "e"), ("er", ""), ("est", ""),
           ("est", "e"))


class Synset(NamedTuple):
    """What several words mean together."""

    words: list  # lower case, spaces for underscores
    definition: str  # the gloss without its examples
    pointers: list  # (symbol, key of another synset)


class WordNet:
    """Synsets by key (part of speech and offset: "n02121620"), and the words that lead to them."""

    def __init__(self, folder=FOLDER):
        self.synsets, self.senses, self.base_forms = {}, collections.defaultdict(list), {}
        self.counts = collections.Counter()
        for letter, part in PARTS.items():
            self._read_data(folder / f"data.{part}")
            self._read_index(folder / f"index.{part}", letter)
            for line in (folder / f"{part}.exc").read_text(encoding="latin-1").splitlines():
                self.base_forms.setdefault(line.split()[0], line.split()[1])
        for line in (folder / "cntlist.rev").read_text(encoding="latin-1").splitlines():
            sense, _, count = line.split()
            self.counts[sense.partition("%")[0].replace("_", " ")] += int(count)

    def base(self, word):
        """The words of WordNet that a word may be a form of, itself first."""
        found = [word] if word in self.senses else []
        if self.base_forms.get(word) in self.senses:
            found.append(self.base_forms[word])
        for ending, without in ENDINGS:
            stem = word[: -len(ending)] + without
            if word.endswith(ending) and len(stem) > 2 and stem in self.senses:
                found.append(stem)
        return list(dict.fromkeys(found))

    def _read_data(self, path):
        for line in path.read_text(encoding="latin-1").splitlines():
            if line.startswith("  "):  # the licence
                continue
            head, _, gloss = line.partition(" | ")
            fields = head.split()
            end = 4 + 2 * int(fields[3], 16)
            words = [re.sub(r"\(\w+\)$", "", word).replace("_", " ").lower() for word in fields[4:end:2]]
            rest = fields[end + 1 : end + 1 + 4 * int(fields[end])]
            pointers = [(symbol, part.replace("s", "a") + at)
                        for symbol, at, part in zip(rest[::4], rest[1::4], rest[2::4])]
            definition = "; ".join(part.strip() for part in gloss.split(";") if part.strip()[:1] not in ('"', ""))
            self.synsets[fields[2].replace("s", "a") + fields[0]] = Synset(words, definition, pointers)

    def _read_index(self, path, letter):
        for line in path.read_text(encoding="latin-1").splitlines():
            if not line.startswith("  "):
                fields = line.split()
                offsets = fields[-int(fields[2]):]
                self.senses[fields[0].replace("_", " ")] += [letter + offset for offset in offsets]
