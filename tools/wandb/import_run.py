"""Imports a training run into Weights & Biases.

    python tools/wandb/import_run.py RUN --project NAME [--entity NAME] [--offline]        (wandb 0.31)

Reads config.json, metrics.jsonl and the pictures of a run folder; nothing in it is changed. Numbers and histograms are
drawn over `update`, and `loss`, of which there is one a micro-batch, over `micro_batch`. Texts (checkpoints, what was
resumed) are the table `texts`. The run's id follows from the folder's path, and W&B writes rows of the same run and number
over each other: a run may be imported again, also when it has gone on since. With --offline (or WANDB_MODE=offline) all goes into ./wandb/, for `wandb sync`. Signing in is wandb's business
(`wandb login`): this script sees no token.
"""

import argparse
import hashlib
import json
import pathlib
import re
import sys
from collections.abc import Iterator

POSITION = ("epoch", "batch", "micro_batch", "update", "images")
MOST_BUCKETS = 512  # of wandb.Histogram


def run_id(run: pathlib.Path) -> str:
    """The folder's name and eight digits of its path's SHA-256."""
    path = run.resolve()
    name = re.sub(r"[^A-Za-z0-9_-]", "-", path.name)[:48]
    return f"{name}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"


def lower_edge(bucket: int) -> float:
    """Where a bucket begins: mezzotint/training/histogram.h."""
    if bucket <= 0:
        return -lower_edge(1 - bucket)
    octave, eighth = divmod(bucket - 1, 8)
    return 2.0 ** (octave - 40) * (1 + eighth / 8)


def joined(counts: list[int], edges: list[float], keep) -> tuple[list[int], list[float]]:
    """The buckets that keep(index) names, and with each those behind it up to the next one."""
    starts = [i for i in range(len(counts)) if keep(i)]
    ends = [*starts[1:], len(counts)]
    return [sum(counts[start:end]) for start, end in zip(starts, ends)], [edges[i] for i in [*starts, len(counts)]]


def buckets_of(histogram: dict) -> tuple[list[int], list[float]]:
    """Counts, and one edge more. Empty neighbours are joined, then others, until MOST_BUCKETS are left."""
    first, counts = histogram["first"], histogram["counts"]
    edges = [lower_edge(first + i) for i in range(len(counts) + 1)]
    counts, edges = joined(counts, edges, lambda i: i == 0 or counts[i] or counts[i - 1])
    width = -(-len(counts) // MOST_BUCKETS)
    return joined(counts, edges, lambda i: i % width == 0)


def read_config(run: pathlib.Path) -> dict:
    path = run / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        sys.exit(f"error: {path}: can't be read: {error}")
    if not isinstance(config, dict):
        sys.exit(f"error: {path}: not the settings of a run: wanted an object")
    return config


def read_records(run: pathlib.Path) -> Iterator[dict]:
    with open(run / "metrics.jsonl", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith("\n"):
                return  # the run is writing it
            try:
                record = json.loads(line)
                yield {key: record[key] for key in (*POSITION, "name", "value")}
            except (ValueError, KeyError, TypeError):
                sys.exit(f"error: {file.name}:{number}: not a record")


def rows_of(records: Iterator[dict]) -> Iterator[tuple[dict, dict]]:
    """Positions, and the values that were recorded there by name."""
    at: dict = {}
    values: dict = {}
    for record in records:
        position = {key: record[key] for key in POSITION}
        if values and (position != at or record["name"] in values):
            yield at, values
            values = {}
        at = position
        values[record["name"]] = record["value"]
    if values:
        yield at, values


def log_run(wandb, into, run: pathlib.Path) -> None:
    """Logs a run folder. @param wandb the module, into what its init() returned."""
    into.define_metric("update")
    into.define_metric("micro_batch")
    into.define_metric("*", step_metric="update")
    into.define_metric("loss", step_metric="micro_batch")
    texts = wandb.Table(columns=["update", "name", "text"])

    def converted(name: str, value, update: int):
        if isinstance(value, dict) and "image" in value:
            path = run / value["image"]
            return wandb.Image(str(path), caption=f"after update {update}") if path.exists() else None
        if isinstance(value, dict):
            histogram = value["histogram"]
            return wandb.Histogram(np_histogram=buckets_of(histogram)) if histogram["counts"] else None
        if isinstance(value, str):
            texts.add_data(update, name, value)
            return None
        return float("nan") if value is None else value

    for at, values in rows_of(read_records(run)):
        made = {name: converted(name, value, at["update"]) for name, value in values.items()}
        made = {name: value for name, value in made.items() if value is not None}
        if made:
            into.log(at | made)
    into.log({"texts": texts})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path, help="a run folder: what -o of finetune or train was")
    parser.add_argument("--project", required=True, help="the project at W&B")
    parser.add_argument("--entity", help="the user or team there; yours, unless given")
    parser.add_argument("--offline", action="store_true", help="write ./wandb/ only, for `wandb sync`")
    options = parser.parse_args()
    for file in ("config.json", "metrics.jsonl"):
        if not (options.run / file).is_file():
            sys.exit(f"error: {options.run}: is no run folder (it has no {file})")
    config = read_config(options.run)
    import wandb

    name = options.run.resolve().name
    mode = {"mode": "offline"} if options.offline else {}
    with wandb.init(project=options.project, entity=options.entity, id=run_id(options.run), name=name, config=config,
                    job_type="import", **mode) as into:
        log_run(wandb, into, options.run)


if __name__ == "__main__":
    main()
