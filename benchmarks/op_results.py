"""What op_benchmarks found, in short: the best of each benchmark's repetitions, and a table of chosen ones."""

import json

from run_peers import counted_threads

# Rows of the table in docs/performance.md: layers of the networks that `mezzotint bench` runs.
CHOSEN = [
    *((f"conv3x3_{way}", shape) for shape in ("c:128/px:256/n:1", "c:256/px:64/n:1", "c:512/px:16/n:1", "c:512/px:8/n:1",
                                              "c:32/px:28/n:128", "c:64/px:14/n:128")
      for way in ("forward", "input_grad", "weight_grad")),
    *((f"residual_{way}", shape) for shape in ("c:128/px:256/n:1", "c:256/px:64/n:1", "c:32/px:28/n:128")
      for way in ("forward", "backward")),
    *((f"conv1x1_{way}", "c:256/px:64/n:1") for way in ("forward", "input_grad", "weight_grad")),
    *((f"conv3x3_stride2_{way}", "c:128/px:256/n:1") for way in ("forward", "input_grad", "weight_grad")),
    *((f"group_norm_silu_{way}", shape) for shape in ("c:128/px:256/n:1", "c:32/px:28/n:128")
      for way in ("forward", "backward")),
    *((f"attention_{way}", shape) for shape in ("head:8/tokens:196/heads:8/n:128", "head:512/tokens:256/heads:1/n:1")
      for way in ("forward", "backward")),
    ("adamw_clipped", "tensors:100/floats:100000"),
]


def shorten(found):
    """Google Benchmark's document -> {cpu, threads, peak_flops, peak_bytes, ops: [{op, engine, shape, flops, bytes, s}]}."""
    context, ops = found["context"], {}
    for one in found["benchmarks"]:
        if one.get("run_type") == "aggregate":
            continue
        op, engine, shape = one["name"].removesuffix("/real_time").split("/", 2)
        seconds = one["real_time"] / {"ns": 1e9, "us": 1e6, "ms": 1e3, "s": 1}[one["time_unit"]]
        known = ops.setdefault((op, engine, shape), {"op": op, "engine": engine, "shape": shape, "flops": one["flops"],
                                                     "bytes": one["bytes"], "s": seconds})
        known["s"] = min(known["s"], seconds)
    return {"threads": int(context["threads"]), "date": context["date"][:10],
            "peak_flops": 1e9 * float(context["peak_gflops"]), "peak_bytes": 1e9 * float(context["peak_gbytes"]),
            "ops": list(ops.values())}


def compact_json(short):
    """One operation a line: small, and differences between measurements are readable."""
    head = json.dumps({key: value for key, value in short.items() if key != "ops"})
    return head[:-1] + ', "ops": [\n' + ",\n".join(json.dumps(one) for one in short["ops"]) + "\n]}\n"


def row(short, op, shape):
    times = {one["engine"]: one for one in short["ops"] if (one["op"], one["shape"]) == (op, shape)}
    fast, reference = times["fast"], times["reference"]
    work, unit, peak = ("flops", "GFLOP/s", "peak_flops") if fast["flops"] else ("bytes", "GB/s", "peak_bytes")
    rate = fast[work] / fast["s"]
    words = ", ".join(part.replace(":", " ") for part in shape.split("/"))
    return (f"| {op.replace('_', ' ')} | {words} | {rate / 1e9:.0f} {unit} | {rate / short[peak]:.2f} | "
            f"{reference[work] / reference['s'] / 1e9:.0f} {unit} | {reference['s'] / fast['s']:.1f} |")


def markdown(short):
    lines = ["![Rates of single operations below the roofline of the machine](performance/roofline.svg)", "",
             "| operation | shape | ours | of the peak | LibTorch's | times as fast |", "| --- | --- | ---: | ---: | ---: | ---: |",
             *(row(short, op, shape) for op, shape in CHOSEN), "",
             f"{short['date']}, {counted_threads(short['threads'])}. The peaks, measured in the same minutes: "
             f"{short['peak_flops'] / 1e9:.0f} GFLOP/s, {short['peak_bytes'] / 1e9:.0f} GB/s."]
    return "\n".join(lines) + "\n"
