"""tools/wandb/import_run.py with a stand-in for wandb: what it logs, under which id, and what it refuses."""

import json
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest

TOOL = pathlib.Path(sys.argv.pop()).parent / "wandb" / "import_run.py"
sys.path.insert(0, str(TOOL.parent))

import import_run  # noqa: E402

HISTOGRAM = {"count": 3, "not_finite": 0, "min": -1.0, "max": 1.0, "sum": 1.0, "sum_squares": 3.0, "first": -321,
             "counts": [1, *[0] * 641, 2]}


class StandIn:
    """Keeps what it is given, as wandb and as what its init() returns."""

    def __init__(self):
        self.metrics, self.rows = {}, []

    def define_metric(self, name, step_metric=None):
        self.metrics[name] = step_metric

    def log(self, row):
        self.rows.append(row)

    @staticmethod
    def Image(path, caption):  # noqa: N802
        return pathlib.Path(path).name, caption

    @staticmethod
    def Histogram(np_histogram):  # noqa: N802
        return np_histogram

    @staticmethod
    def Table(columns):  # noqa: N802
        table = types.SimpleNamespace(columns=columns, rows=[])
        table.add_data = lambda *row: table.rows.append(row)
        return table


class ImportRun(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.run_folder = pathlib.Path(scratch.name) / "a run"
        (self.run_folder / "samples").mkdir(parents=True)
        (self.run_folder / "samples/a.png").write_bytes(b"")
        (self.run_folder / "config.json").write_text('{"data": "x"}')

    def write(self, *records):
        lines = [json.dumps({"epoch": 0, "batch": m, "micro_batch": m, "update": m // 2, "images": 4 * m, "name": name,
                             "value": value}) + "\n" for m, name, value in records]
        (self.run_folder / "metrics.jsonl").write_text("".join(lines))

    def logged(self):
        wandb = StandIn()
        import_run.log_run(wandb, wandb, self.run_folder)
        return wandb

    def test_rows_are_positions(self):
        self.write((1, "loss", 0.5), (2, "lr", 0.1), (2, "loss", 0.4), (2, "checkpoint", "update-00000001"),
                   (2, "samples", {"image": "samples/a.png"}), (2, "samples", {"image": "samples/gone.png"}),
                   (3, "loss", None))
        wandb = self.logged()
        self.assertEqual(wandb.metrics, {"update": None, "micro_batch": None, "*": "update", "loss": "micro_batch"})
        first, second, third, last = wandb.rows
        self.assertEqual(first, {"epoch": 0, "batch": 1, "micro_batch": 1, "update": 0, "images": 4, "loss": 0.5})
        self.assertEqual((second["lr"], second["loss"], second["update"]), (0.1, 0.4, 1))
        self.assertEqual(second["samples"], ("a.png", "after update 1"))
        self.assertNotEqual(third["loss"], third["loss"])  # NaN
        self.assertEqual(last["texts"].rows, [(1, "checkpoint", "update-00000001")])

    def test_histograms_fit_and_keep_their_counts(self):
        full = HISTOGRAM | {"counts": [3] * 643}
        self.write((2, "weights/a", {"histogram": HISTOGRAM}), (2, "weights/b", {"histogram": HISTOGRAM | {"counts": []}}),
                   (2, "weights/c", {"histogram": full}))
        row = self.logged().rows[0]
        self.assertEqual(row["weights/a"], ([1, 0, 2], [-1.125, -1.0, 1.0, 1.125]))
        self.assertNotIn("weights/b", row)
        counts, edges = row["weights/c"]
        self.assertEqual(counts, [6] * 321 + [3])
        self.assertEqual((len(edges), edges[0], edges[-1]), (323, -1.125, 1.125))
        self.assertEqual(edges, sorted(set(edges)))
        self.assertEqual((import_run.lower_edge(0), import_run.lower_edge(1)), (-2.0**-40, 2.0**-40))
        self.assertEqual((import_run.lower_edge(-320), import_run.lower_edge(322)), (-1.0, 1.125))

    def test_the_id_is_the_folders(self):
        name = import_run.run_id(self.run_folder)
        self.assertRegex(name, r"^a-run-[0-9a-f]{8}$")
        self.assertEqual(name, import_run.run_id(self.run_folder / ".." / "a run"))
        self.assertNotEqual(name, import_run.run_id(self.run_folder.parent / "b" / "a run"))

    def test_a_line_at_hand_is_left_for_later(self):
        self.write((1, "loss", 0.5), (2, "loss", 0.4))
        metrics = self.run_folder / "metrics.jsonl"
        metrics.write_text(metrics.read_text()[:-3])
        self.assertEqual([row.get("loss") for row in self.logged().rows], [0.5, None])

    def test_wrong_inputs(self):
        def refused(*args):
            done = subprocess.run([sys.executable, TOOL, *map(str, args)], capture_output=True, text=True, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertNotIn("Traceback", done.stderr)
            return done.stderr.strip().splitlines()[-1]

        self.assertIn("--project", refused(self.run_folder))
        self.assertIn("is no run folder", refused(self.run_folder / "samples", "--project", "x"))
        (self.run_folder / "metrics.jsonl").write_text("")
        for damage in (b'{"data": ', b"\xff\xfe", b"[1]"):
            (self.run_folder / "config.json").write_bytes(damage)
            self.assertIn("config.json: ", refused(self.run_folder, "--project", "x"))
        (self.run_folder / "metrics.jsonl").write_text('{"name": 3}\n')
        with self.assertRaises(SystemExit) as raised:
            self.logged()
        self.assertIn("metrics.jsonl:1: not a record", str(raised.exception))


if __name__ == "__main__":
    unittest.main()
