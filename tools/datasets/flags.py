#!/usr/bin/python3
"""Builds a folder of country flags from the Debian package iso-flags-png-320x240 (public domain).

    tools/datasets/flags.py OUT [--size 32]

Each flag loses its soft border, is brought to a square with PIL's Lanczos filter and named by its country code. The demo
fine-tunes emoji-32 on them: they fill the picture where emoji stand on white, so the change is plain to see. Needs
python3-pil.
"""

import argparse
import pathlib
import subprocess
import sys

PACKAGE = "iso-flags-png-320x240"
FOLDER = pathlib.Path("/usr/share/iso-flags-png-320x240")
BLANK = {"_generic", "zz"}


def flag(path, size):
    """The opaque part of the picture, on white, at size."""
    from PIL import Image

    image = Image.open(path).convert("RGBA")
    opaque = image.getchannel("A").point(lambda alpha: 255 if alpha > 200 else 0)
    on_white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    on_white.alpha_composite(image)
    return on_white.crop(opaque.getbbox()).convert("RGB").resize((size, size), Image.LANCZOS)


def build(out, size):
    out.mkdir(parents=True, exist_ok=True)
    flags = sorted(path for path in FOLDER.rglob("*.png") if not path.is_symlink() and path.stem not in BLANK)
    for path in flags:
        flag(path, size).save(out / path.name)
    version = subprocess.run(["dpkg-query", "-W", PACKAGE], capture_output=True, text=True, check=True).stdout
    source = f"{len(flags)} pictures of {size} x {size}\n{version}"
    (out / "SOURCE.txt").write_text(source)
    print(source, end="")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path, help="folder to write")
    parser.add_argument("--size", type=int, default=32, help="width and height in pixels (32)")
    options = parser.parse_args()
    if not FOLDER.exists():
        sys.exit(f"flags.py: {FOLDER} is missing; run: apt-get install {PACKAGE}")
    build(options.out, options.size)


if __name__ == "__main__":
    main()
