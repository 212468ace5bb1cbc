"""Installs the build, builds examples/ against what was installed, and runs them on a starter model.

The picture that an example makes must be the one that the installed command makes from the same seed.
"""

import pathlib
import struct
import subprocess
import sys
import tempfile

MODEL, STEPS = "emoji-32", 4  # found by name: the starter models are installed too
SKIPPED = 77


def run(*words, **options) -> None:
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}: exit {done.returncode}\n{done.stdout}")


def pixels(path: pathlib.Path) -> list[bytes]:
    """Size, type and compressed pixels of a PNG: all of it but the texts."""
    data, at, kept = path.read_bytes(), 8, []
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] in (b"IHDR", b"IDAT"):
            kept.append(data[at + 8 : at + 8 + length])
        at += 12 + length
    return kept


def main(source: pathlib.Path, build: pathlib.Path) -> int:
    if not (source / "models" / MODEL).exists():
        print(f"skipped: there is no starter model {MODEL}")
        return SKIPPED
    with tempfile.TemporaryDirectory() as scratch_name:
        scratch = pathlib.Path(scratch_name)
        prefix = scratch / "prefix"
        run("cmake", "--install", build, "--prefix", prefix)
        run("cmake", "-G", "Ninja", "-S", source / "examples", "-B", scratch / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
        run("cmake", "--build", scratch / "build")

        # From another folder, as a user would: nothing may lean on the source tree.
        model = prefix / "share" / "mezzotint" / "models" / MODEL
        for example, arguments, verb in (
            ("sample_png", (), ("sample", )),
            ("guide_png", (0.3, ), ("guide", "--loss", "brightness:0.3,scale=100")),
        ):
            picture, grid = scratch / f"{example}.png", scratch / "command.png"
            run(scratch / "build" / example, model, STEPS, *arguments, picture, cwd=scratch)
            run(prefix / "bin" / "mezzotint", *verb, MODEL, "-n", 4, "--steps", STEPS, "--scheduler", "ddim", "--seed", 0,
                "-o", grid, cwd=scratch)
            if pixels(picture) != pixels(grid):
                sys.exit(f"the picture of {example} differs from the command's")
    print("installed, built and run; the pictures are the same")
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
