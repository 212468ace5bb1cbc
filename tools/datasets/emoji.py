#!/usr/bin/python3
"""Builds a folder of emoji pictures with their names, from Debian packages alone.

    tools/datasets/emoji.py OUT [--size 32] [--group NAME]... [--variants]

emoji-32 was trained on

    tools/datasets/emoji.py OUT --group "Smileys & Emotion" --group "Animals & Nature" --group "Food & Drink"

Needs fonts-noto-color-emoji (the pictures: 136 x 128 PNGs inside the font's CBDT table, OFL 1.1, art Apache-2.0),
unicode-data (names and groups: emoji-test.txt), python3-fonttools and python3-pil. Each picture is put on white, squared,
and brought to size with PIL's Lanczos filter. OUT gets NNNN.png and metadata.jsonl (file_name, text, group, subgroup,
codepoints: the layout that `datasets` calls an image folder with metadata) and SOURCE.txt. The same packages give the
same bytes.
"""

import argparse
import hashlib
import io
import json
import pathlib
import subprocess
import sys

FONT = pathlib.Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
NAMES = pathlib.Path("/usr/share/unicode/emoji/emoji-test.txt")
NEEDED = ((FONT, "fonts-noto-color-emoji"), (NAMES, "unicode-data"))
SKIN_TONES = range(0x1F3FB, 0x1F400)
HAIR = range(0x1F9B0, 0x1F9B4)
JOINER, VARIATION_SELECTOR, FEMALE, MALE = 0x200D, 0xFE0F, 0x2640, 0x2642


def is_variant(codepoints, group, subgroup):
    """Flags, families, and the same picture again with a skin, hair or gender of its own."""
    if group == "Flags" or subgroup == "family" or any(c in SKIN_TONES or c in HAIR for c in codepoints):
        return True
    return JOINER in codepoints and (FEMALE in codepoints or MALE in codepoints)


def read_names(path):
    """Every fully-qualified emoji: (codepoints, name, group, subgroup), in Unicode's order."""
    group = subgroup = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# group:"):
            group = line.partition(":")[2].strip()
        elif line.startswith("# subgroup:"):
            subgroup = line.partition(":")[2].strip()
        elif "; fully-qualified" in line:
            codes, _, rest = line.partition(";")
            name = rest.split("#", 1)[1].split(" ", 3)[3]  # "# GLYPH E1.0 name"
            yield [int(code, 16) for code in codes.split()], name, group, subgroup


class EmojiFont:
    """The pictures of a CBDT font by the codepoints that they stand for."""

    def __init__(self, path):
        from fontTools.ttLib import TTFont

        font = TTFont(path)
        self.cmap = font.getBestCmap()
        self.bitmaps = {name: glyph for strike in font["CBDT"].strikeData for name, glyph in strike.items()}
        self.ligatures = {}
        for lookup in font["GSUB"].table.LookupList.Lookup:
            for table in lookup.SubTable:
                table = getattr(table, "ExtSubTable", table)
                for first, ligatures in getattr(table, "ligatures", {}).items():
                    for ligature in ligatures:
                        self.ligatures.setdefault((first, *ligature.Component), ligature.LigGlyph)

    def png(self, codepoints):
        """The PNG of a sequence, or None where the font has none."""
        names = tuple(self.cmap.get(c) for c in codepoints if c != VARIATION_SELECTOR)
        if None in names:
            return None
        glyph = names[0] if len(names) == 1 else self.ligatures.get(names)
        bitmap = self.bitmaps.get(glyph)
        return getattr(bitmap, "imageData", None)


def picture(png, size):
    """On white, square, at size."""
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGBA")
    side = max(image.size)
    square = Image.new("RGBA", (side, side), (255, 255, 255, 255))
    square.alpha_composite(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square.convert("RGB").resize((size, size), Image.LANCZOS)


def package_of(path):
    package = subprocess.run(["dpkg", "-S", str(path)], capture_output=True, text=True, check=True).stdout.split(":")[0]
    return subprocess.run(["dpkg-query", "-W", package], capture_output=True, text=True, check=True).stdout.strip()


def write_pictures(options):
    """Writes NNNN.png into options.out; what metadata.jsonl says of each."""
    names = list(read_names(NAMES))
    groups = {group for _, _, group, _ in names}
    unknown = set(options.group) - groups
    if unknown:
        sys.exit(f"emoji.py: no group named {sorted(unknown)[0]!r}; known: {', '.join(sorted(groups))}")
    font = EmojiFont(FONT)
    options.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for codepoints, name, group, subgroup in names:
        if options.group and group not in options.group:
            continue
        if not options.variants and is_variant(codepoints, group, subgroup):
            continue
        png = font.png(codepoints)
        if png is None:
            continue
        row = {"file_name": f"{len(rows):04}.png", "text": name, "group": group, "subgroup": subgroup}
        picture(png, options.size).save(options.out / row["file_name"])
        rows.append(row | {"codepoints": " ".join(f"{c:04X}" for c in codepoints)})
    return rows


def source_of(options, rows):
    """What SOURCE.txt says: how many pictures, and from which packages."""
    digest = hashlib.sha256(FONT.read_bytes()).hexdigest()
    source = f"{len(rows)} pictures of {options.size} x {options.size}\n"
    return source + f"{package_of(FONT)}\n{package_of(NAMES)}\nfont SHA-256 {digest}\n"


def build(options):
    rows = write_pictures(options)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (options.out / "metadata.jsonl").write_text("".join(lines), encoding="utf-8")
    source = source_of(options, rows)
    (options.out / "SOURCE.txt").write_text(source)
    print(source, end="")


def add_options(parser):
    parser.add_argument("out", type=pathlib.Path, help="folder to write")
    parser.add_argument("--size", type=int, default=32, help="width and height in pixels (32)")
    parser.add_argument("--group", action="append", default=[], help="only this group of emoji-test.txt; repeatable")
    parser.add_argument("--variants", action="store_true", help="flags, families, and all skins, hairs and genders too")


def need(paths):
    """Ends the program where one of (path, the package that has it) is missing."""
    for needed, package in paths:
        if not needed.exists():
            sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {needed} is missing; run: apt-get install {package}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    options = parser.parse_args()
    need(NEEDED)
    build(options)


if __name__ == "__main__":
    main()
