#!/usr/bin/python3
"""Builds emoji pictures with everything that they are called, and a thesaurus: what clip-emoji is trained on.

    tools/datasets/emoji_captions.py OUT [--size 32] [--group NAME]... [--variants] [--language LOCALE]...

OUT gets the pictures of emoji.py, and in metadata.jsonl a line each with
    file_name, text (Unicode's name), group, subgroup, codepoints: as emoji.py writes them
    names         other English names: of CLDR, of Unicode's character, its aliases
    keywords      English keywords of CLDR and of its regions
    held_out      keywords that belong to the picture and must not be trained on
    translations  by language: the name and the keywords
thesaurus.jsonl: synsets of WordNet that the words of the captions lead to in at most one step, a line each with
    words         all of one meaning, lower case
    counts        how often each was met in WordNet's tagged texts, in all its meanings
    definition    WordNet's gloss without its examples
    distance      0 if a caption's word may mean this, 1 if it's a neighbour of such a meaning
    related       line numbers (from 0) of neighbours: kinds, parts, similar and derived meanings
and SOURCE.txt. The same packages give the same bytes.

Held out are keywords of CLDR's English (en.xml) that
    - are made of the letters a to z (and space, hyphen, apostrophe, full stop inside), and are at least two long,
    - belong, in any English region, to at most three of the pictures written,
    - stand in no English name of these pictures as a whole phrase, and
    - have a SHA-256 that is divisible by 5.
No name, keyword or translation of a picture that a held-out keyword belongs to has that keyword in it as a whole
phrase; such texts are left out. The thesaurus knows no pictures, and knows held-out keywords too: who wants to do
without leaves out the lines whose words or definition have one.

Needs the packages of emoji.py, unicode-cldr-core and wordnet-base.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import re
import sys
import xml.etree.ElementTree

import emoji
from wordnet import FOLDER as WORDNET, WordNet

CLDR = pathlib.Path("/usr/share/unicode/cldr/common")
CHARACTERS = pathlib.Path("/usr/share/unicode/NamesList.txt")
REGIONS = ("en", "en_001", "en_AU", "en_CA", "en_GB", "en_IN")
LANGUAGES = ("de", "es", "fr", "it", "nl", "pt", "sv")  # their words are often English ones, or close to them
INHERITED = "↑↑↑"
SENSES = 6  # of a word, the most frequent ones
POINTERS = set("@ @i ~ ~i & + ^ = %p %m %s #p #m #s ;c \\ $ * >".split())


def words_of(text):
    """The words of a text, for comparing."""
    return re.findall(r"[^\W_]+(?:['’.][^\W_]+)*", text.lower())


def has_phrase(text, phrase):
    """Whether a text has a phrase in it, word for word."""
    have, want = words_of(text), words_of(phrase)
    return any(have[at : at + len(want)] == want for at in range(len(have) - len(want) + 1))


def read_annotations(locale):
    """CLDR's keywords and names of one locale: {characters: [texts]} each. Variation selectors are absent from both."""
    keywords, names = {}, {}
    for folder in ("annotations", "annotationsDerived"):
        path = CLDR / folder / f"{locale}.xml"
        if not path.exists():
            continue
        for node in xml.etree.ElementTree.parse(path).getroot().iter("annotation"):
            texts = [text.strip().lower() for text in node.text.split("|")]
            found = names if node.get("type") == "tts" else keywords
            found[node.get("cp")] = [text for text in texts if text and text != INHERITED]
    return keywords, names


def read_character_names(path):
    """Unicode's names of single characters with their aliases: {character: [texts]}."""
    names, character = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"([0-9A-F]{4,6})\t([^<].*)", line):
            character = chr(int(found[1], 16))
            names[character] = [found[2].lower()]
        elif character and line.startswith("\t= "):
            names[character] += [alias.strip().lower() for alias in line[3:].split(",")]
        elif not line.startswith("\t"):
            character = None
    return names


def characters_of(row):
    """The emoji itself, as CLDR writes it."""
    codes = [int(code, 16) for code in row["codepoints"].split()]
    return "".join(chr(code) for code in codes if code != emoji.VARIATION_SELECTOR)


def choose_held_out(rows, english):
    """{keyword: rows}, by the rule above. english: what read_annotations gave for REGIONS."""
    owners = collections.defaultdict(list)
    for row in rows:
        own = characters_of(row)
        for keyword in dict.fromkeys(text for keywords, _ in english for text in keywords.get(own, [])):
            owners[keyword].append(row)
    candidates = {text for texts in english[0][0].values() for text in texts}
    return {keyword: own for keyword, own in owners.items() if keyword in candidates
            and re.fullmatch(r"[a-z](?:[a-z' .-]*[a-z])", keyword) and len(own) <= 3
            and not any(has_phrase(name, keyword) for row in own for name in [row["text"], *row["names"]])
            and int(hashlib.sha256(keyword.encode()).hexdigest(), 16) % 5 == 0}


def add_captions(rows, languages):
    """Adds names, keywords, held_out and translations to the rows."""
    english = [read_annotations(locale) for locale in REGIONS]
    foreign = {language: read_annotations(language) for language in languages}
    characters = read_character_names(CHARACTERS)
    for row in rows:
        own = characters_of(row)
        names = [text for _, names in english for text in names.get(own, [])] + characters.get(own, [])
        row["names"] = [name for name in dict.fromkeys(names) if name != row["text"].lower()]
    held_out = choose_held_out(rows, english)
    for row in rows:
        own = characters_of(row)
        row["held_out"] = sorted(keyword for keyword, owners in held_out.items() if row in owners)
        known = {row["text"].lower(), *row["names"]}

        def allowed(texts):
            return [text for text in dict.fromkeys(texts) if not any(has_phrase(text, out) for out in row["held_out"])]

        row["keywords"] = [text for text in allowed(text for keywords, _ in english for text in keywords.get(own, []))
                           if text not in known]
        row["translations"] = {language: allowed(names.get(own, []) + keywords.get(own, []))
                               for language, (keywords, names) in foreign.items()}


def thesaurus(rows, wordnet):
    """The synsets that captions lead to, as lines of thesaurus.jsonl."""
    texts = {text for row in rows for text in [row["text"].lower(), row["subgroup"], *row["names"], *row["keywords"]]}
    texts |= {word for text in texts for word in words_of(text)}
    distance = {}
    for text in sorted(texts):
        for base in wordnet.base(text)[:2]:
            distance |= {key: 0 for key in wordnet.senses[base][:SENSES]}
    for key in list(distance):
        for symbol, other in wordnet.synsets[key].pointers:
            if symbol in POINTERS:
                distance.setdefault(other, 1)
    line_of = {key: line for line, key in enumerate(sorted(distance))}
    for key in line_of:
        words, definition, pointers = wordnet.synsets[key]
        related = {line_of[other] for symbol, other in pointers if symbol in POINTERS and other in line_of}
        yield {"words": words, "counts": [wordnet.counts[word] for word in words], "definition": definition,
               "distance": distance[key], "related": sorted(related)}


def write_lines(path, lines):
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def build(options):
    rows = emoji.write_pictures(options)
    add_captions(rows, options.language or LANGUAGES)
    synsets = list(thesaurus(rows, WordNet()))
    write_lines(options.out / "metadata.jsonl", rows)
    write_lines(options.out / "thesaurus.jsonl", synsets)
    source = emoji.source_of(options, rows)
    source += "".join(emoji.package_of(path) + "\n" for path in (CLDR / "annotations/en.xml", WORDNET / "data.noun"))
    held_out = {keyword for row in rows for keyword in row["held_out"]}
    source += f"{sum(len(row['keywords']) for row in rows)} keywords, {len(held_out)} held out, {len(synsets)} synsets\n"
    (options.out / "SOURCE.txt").write_text(source)
    print(source, end="")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    emoji.add_options(parser)
    parser.add_argument("--language", action="append", default=[],
                        help=f"translations of this locale of CLDR; repeatable (default: {' '.join(LANGUAGES)})")
    options = parser.parse_args()
    emoji.need((*emoji.NEEDED, (CLDR, "unicode-cldr-core"), (WORDNET, "wordnet-base")))
    for locale in options.language:
        if not (CLDR / "annotations" / f"{locale}.xml").exists():
            sys.exit(f"emoji_captions.py: CLDR has no annotations for {locale!r}; see {CLDR}/annotations")
    build(options)


if __name__ == "__main__":
    main()
