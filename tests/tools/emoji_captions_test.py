"""tools/datasets/emoji_captions.py on a CLDR, a NamesList and a WordNet of a few lines: what is held out stays out."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, sys.argv.pop())  # the folder of the builders

import emoji_captions  # noqa: E402
import wordnet  # noqa: E402

ENGLISH = """<?xml version="1.0" encoding="UTF-8"?>
<ldml><annotations>
<annotation cp="🦊">animal | canine | fox | head | vixen</annotation>
<annotation cp="🦊" type="tts">fox</annotation>
<annotation cp="🐕">animal | dog | pet | canine</annotation>
<annotation cp="🐕" type="tts">dog</annotation>
<annotation cp="🐶">dog | head | pet</annotation>
<annotation cp="🐶" type="tts">dog face</annotation>
<annotation cp="🐺">wolf | head</annotation>
<annotation cp="🐺" type="tts">wolf</annotation>
<annotation cp="❤">heart | ↑↑↑</annotation>
<annotation cp="❤" type="tts">red heart</annotation>
</annotations></ldml>
"""
BRITISH = '<ldml><annotations><annotation cp="🦊">reynard | a vixen of old</annotation></annotations></ldml>'
GERMAN = """<ldml><annotations><annotation cp="🦊">Fuchs | Gesicht | vixen</annotation>
<annotation cp="🦊" type="tts">Fuchs</annotation></annotations></ldml>
"""
CHARACTERS = """1F98A\tFOX FACE
\t= reynard, brush
\tx (fox - 1F999)
1F43A\tWOLF FACE
"""
DATA = """  1 the licence
00000001 05 n 02 fox 0 trick 0 001 @ 00000002 n 0000 | a sly animal; "the fox ran"
00000002 05 n 01 canine 0 000 | of the dog's family
00000003 05 n 01 stone 0 000 | a hard thing
"""
INDEX = """  1 the licence
fox n 1 1 @ 1 0 00000001
canine n 1 0 1 0 00000002
stone n 1 0 1 0 00000003
"""


def row(characters, text):
    codes = " ".join(f"{ord(c):04X}" for c in characters)
    return {"text": text, "group": "Animals", "subgroup": "mammal", "codepoints": codes}


class EmojiCaptions(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        (self.folder / "annotations").mkdir()
        for locale, text in (("en", ENGLISH), ("en_GB", BRITISH), ("de", GERMAN)):
            (self.folder / "annotations" / f"{locale}.xml").write_text(text, encoding="utf-8")
        (self.folder / "NamesList.txt").write_text(CHARACTERS, encoding="utf-8")
        emoji_captions.CLDR, emoji_captions.CHARACTERS = self.folder, self.folder / "NamesList.txt"
        self.rows = [row("🦊", "fox"), row("🐕", "dog"), row("🐶", "dog face"), row("🐺", "wolf"), row("❤️", "red heart")]

    def add_captions(self, held_out):
        """With a choice of our own: the hash of a keyword is luck."""
        chosen, choose = {}, emoji_captions.choose_held_out
        self.addCleanup(setattr, emoji_captions, "choose_held_out", choose)

        def pick(rows, english):
            for keyword in held_out:
                chosen[keyword] = [r for r in rows for keywords, _ in english
                                   if keyword in keywords.get(emoji_captions.characters_of(r), [])]
            return chosen

        emoji_captions.choose_held_out = pick
        emoji_captions.add_captions(self.rows, ["de"])

    def test_phrases_are_whole_words(self):
        self.assertTrue(emoji_captions.has_phrase("Old FOX's den, cat face", "cat face"))
        self.assertFalse(emoji_captions.has_phrase("foxes", "fox"))
        self.assertFalse(emoji_captions.has_phrase("face of a cat", "cat face"))
        self.assertTrue(emoji_captions.has_phrase("Straße frei", "straße"))

    def test_reads_texts_of_all_sources(self):
        self.add_captions([])
        fox, *_, heart = self.rows
        self.assertEqual(fox["names"], ["fox face", "reynard", "brush"])
        self.assertEqual(fox["keywords"], ["animal", "canine", "head", "vixen", "a vixen of old"])
        self.assertEqual(fox["translations"], {"de": ["fuchs", "gesicht", "vixen"]})
        self.assertEqual(heart["keywords"], ["heart"], "the variation selector is dropped, what is inherited left out")

    def test_nothing_of_a_picture_says_what_is_held_out(self):
        self.add_captions(["vixen"])
        fox = self.rows[0]
        self.assertEqual(fox["held_out"], ["vixen"])
        for text in [fox["text"], *fox["names"], *fox["keywords"], *fox["translations"]["de"]]:
            self.assertFalse(emoji_captions.has_phrase(text, "vixen"), text)
        self.assertIn("animal", fox["keywords"])
        self.assertEqual(self.rows[3]["held_out"], [])

    def test_rule_of_what_is_held_out(self):
        english = [emoji_captions.read_annotations(locale) for locale in emoji_captions.REGIONS]
        for one in self.rows:
            one["names"] = []
        divisible = emoji_captions.hashlib.sha256  # every keyword passes the hash: the other conditions are seen
        self.addCleanup(setattr, emoji_captions.hashlib, "sha256", divisible)
        emoji_captions.hashlib.sha256 = lambda _: type("Zero", (), {"hexdigest": lambda self: "0"})()
        held_out = emoji_captions.choose_held_out(self.rows, english)
        # fox, dog, wolf and heart stand in names; reynard is of one region alone; "head" belongs to three pictures.
        self.assertEqual(set(held_out), {"animal", "canine", "pet", "head", "vixen"})
        self.assertEqual([one["text"] for one in held_out["head"]], ["fox", "dog face", "wolf"])
        self.rows[1]["codepoints"] += f" {ord('🐶'):04X}"  # now of no picture in CLDR
        self.assertEqual(len(emoji_captions.choose_held_out(self.rows, english)["pet"]), 1)
        crowd = self.rows + [row("🦊", "fox again")]
        for one in crowd:
            one["names"] = []
        self.assertNotIn("head", emoji_captions.choose_held_out(crowd, english), "of four pictures")

    def test_hash_decides(self):
        english = [({"🦊": [chr(97 + i) + chr(97 + k) for i in range(26) for k in range(26)]}, {})]
        self.rows[0]["names"] = []
        held_out = emoji_captions.choose_held_out(self.rows[:1], english)
        self.assertTrue(100 < len(held_out) < 170, len(held_out))  # 135.2 expected of 676
        self.assertEqual(held_out.keys(), emoji_captions.choose_held_out(self.rows[:1], english).keys())

    def test_thesaurus(self):
        for part in ("noun", "verb", "adj", "adv"):
            noun = part == "noun"
            (self.folder / f"data.{part}").write_text(DATA if noun else "")
            (self.folder / f"index.{part}").write_text(INDEX if noun else "")
            (self.folder / f"{part}.exc").write_text("")
        (self.folder / "cntlist.rev").write_text("fox%1:05:00:: 1 7\n")
        one = row("🦊", "Foxes") | {"names": [], "keywords": []}
        self.assertEqual(list(emoji_captions.thesaurus([one], wordnet.WordNet(self.folder))), [
            {"words": ["fox", "trick"], "counts": [7, 0], "definition": "a sly animal", "distance": 0, "related": [1]},
            {"words": ["canine"], "counts": [0], "definition": "of the dog's family", "distance": 1, "related": []},
        ])


if __name__ == "__main__":
    unittest.main()
