"""Reads a run's tensorboard/ by TensorBoard's own reader and holds it to what else is in the run folder.

    python tools/reference/tensor_board_run.py RUN        (tensorboard 2.21, Pillow)

Numbers must be those of metrics.jsonl at the same updates (of the losses of an update's micro-batches their mean), pictures the files of samples/ byte for byte, histograms those of
metrics.jsonl, the texts there. One line says what was compared; exit status 1 and a line for each difference else.
"""

import argparse
import io
import json
import pathlib
import struct
import sys

from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

PROGRESS = {"lr", "grad_norm", "images_per_second", "memory_mb"}
ALL = {"scalars": 0, "images": 0, "histograms": 0, "compressedHistograms": 1, "tensors": 0}


def kind_of(record: dict) -> str:
    value = record["value"]
    if isinstance(value, dict):
        return next(iter(value))
    return "text" if isinstance(value, str) else "number"


def tag_of(record: dict) -> str:
    """mezzotint/training/tensor_board.h"""
    name, kind = record["name"], kind_of(record)
    if "/" in name:
        return name
    if kind != "number":
        return {"image": "pictures", "text": "run", "histogram": "histograms"}[kind] + "/" + name
    words = name.split("_")
    if "loss" in words:
        return "loss/" + ("_".join(word for word in words if word != "loss") or "train")
    return ("progress/" if name in PROGRESS else "scores/") + name


def of_updates(records: list[dict]) -> list[dict]:
    """The records, in which the losses of the micro-batches of an update are one, their mean."""
    found, losses, updates = [], [], 0
    for record in records:
        if record["name"] == "skipped":
            losses, updates = [], record["update"]
        if record["name"] != "loss":
            found.append(record)
            continue
        losses.append(record["value"])
        if record["update"] != updates:
            found.append({**record, "value": sum(losses) / len(losses)})
            losses, updates = [], record["update"]
    return found


def point_of(record: dict) -> tuple[str, int]:
    return tag_of(record), record["update"]


def float32(number: float | None) -> float:
    return float("nan") if number is None else struct.unpack("f", struct.pack("f", number))[0]


def same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)


class Comparison:
    def __init__(self, run: pathlib.Path):
        self.run = run
        self.records = of_updates([json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()])
        self.events = EventAccumulator(str(run / "tensorboard"), ALL)
        self.events.Reload()
        self.counts: dict[str, int] = {}
        self.faults: list[str] = []

    def hold(self, what: str, right: bool) -> None:
        if not right:
            self.faults.append(what)

    def wanted(self, kind: str) -> dict[tuple[str, int], list]:
        """Values by tag and step, in the order of the file. One step may have several of one name."""
        found: dict[tuple[str, int], list] = {}
        for record in self.records:
            if kind_of(record) == kind:
                found.setdefault(point_of(record), []).append(record["value"])
        self.counts[kind] = sum(map(len, found.values()))
        return found

    def got(self, tags: list[str], read) -> dict[tuple[str, int], list]:
        found: dict[tuple[str, int], list] = {}
        for tag in tags:
            for event in read(tag):
                found.setdefault((tag, event.step), []).append(event)
        return found

    def each(self, kind: str, tags: list[str], read):
        """Pairs of what was wanted and what was got."""
        wanted, got = self.wanted(kind), self.got(tags, read)
        self.hold(f"{kind}: points differ: {sorted(set(wanted) ^ set(got))[:5]}", set(wanted) == set(got))
        for point in set(wanted) & set(got):
            self.hold(f"{point}: wanted {len(wanted[point])}, got {len(got[point])}", len(wanted[point]) == len(got[point]))
            for pair in zip(wanted[point], got[point]):
                yield point, *pair

    def compare(self) -> None:
        tags = self.events.Tags()
        for point, number, event in self.each("number", tags["scalars"], self.events.Scalars):
            self.hold(f"{point}: wanted {number}, got {event.value}", same(float32(number), event.value))
        for point, value, event in self.each("image", tags["images"], self.events.Images):
            file = (self.run / value["image"]).read_bytes()
            self.hold(f"{point}: isn't {value['image']}", file == event.encoded_image_string)
            size = Image.open(io.BytesIO(event.encoded_image_string)).size
            self.hold(f"{point}: is {size}", size == (event.width, event.height))
        for point, value, event in self.each("histogram", tags["histograms"], self.events.Histograms):
            self.histogram(str(point), value["histogram"], event.histogram_value)
        texts = [tag for tag in tags["tensors"] if tag.startswith("run/")]
        about = ["run/configuration", "run/command_line"]
        self.hold(f"texts: {texts}", set(about) <= set(texts))
        for tag in about:
            self.hold(f"{tag}: is empty", all(event.tensor_proto.string_val[0] for event in self.events.Tensors(tag)))
        for point, text, event in self.each("text", [tag for tag in texts if tag not in about], self.events.Tensors):
            self.hold(f"{point}: wanted {text}", event.tensor_proto.string_val[0].decode() == text)

    def histogram(self, where: str, wanted: dict, got) -> None:
        ours = [wanted[key] for key in ("min", "max", "count", "sum", "sum_squares")]
        self.hold(f"{where}: {ours}", ours == [got.min, got.max, got.num, got.sum, got.sum_squares])
        self.hold(f"{where}: counts", [c for c in wanted["counts"] if c] == [c for c in got.bucket if c])
        limits = list(got.bucket_limit)
        self.hold(f"{where}: limits", limits == sorted(set(limits)) and (not limits or limits[-1] >= got.max))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path, help="a run folder")
    comparison = Comparison(parser.parse_args().run)
    comparison.compare()
    print("\n".join(comparison.faults) or "the same: " + ", ".join(f"{n} {kind}s" for kind, n in comparison.counts.items()))
    return bool(comparison.faults)


if __name__ == "__main__":
    sys.exit(main())
