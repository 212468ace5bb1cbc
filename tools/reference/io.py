"""Writes tests/io/data: what safetensors, diffusers and Python's json module make of known values.

Run with torch 2.13, safetensors 0.8.0 and diffusers 0.42.1: python tools/reference/io.py
"""

import json
import math
import pathlib
import struct
import sys
import tempfile

import safetensors.torch
import torch
from diffusers import DPMSolverMultistepScheduler, ModelMixin, UNet2DModel
from diffusers.configuration_utils import ConfigMixin, register_to_config

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/io/data"

TYPES = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "uint16",
         "uint32", "uint64"]


def tensors():
    """Also built in tests/io/reference_weights.h."""
    all_types = {f"type.{name}": (torch.arange(6) % 2 if name == "bool" else torch.arange(6)).view(2, 3).to(
        getattr(torch, name)) for name in TYPES}
    return {**all_types, "b.scalar": torch.tensor(1.5), "a.empty": torch.zeros(0, 3), "B": torch.ones(1),
            'é "quoted" \\ \n\x01\x7f': torch.full((2,), -2.0)}


class Sharded(ModelMixin, ConfigMixin):
    """Weights of 40, 80, 400 (alone in a shard), 40 and 120 bytes for shards of 200."""

    @register_to_config
    def __init__(self):
        super().__init__()
        for name, size in (("z", 10), ("b", 20), ("large", 100), ("a", 10), ("c", 30)):
            self.register_parameter(name, torch.nn.Parameter(torch.arange(size, dtype=torch.float32)))


def write_json(name, text):
    (OUT / name).write_text(text, encoding="utf-8")


def numbers():
    """Doubles around every change of notation, and odd ones."""
    values = [0.0, -0.0, 1.0, -1.0, 0.1, 0.02, 1e-4, 1e-5, 0.00012345, 9.999e-5, 123456789.125, 1e15, 1e16, 1e17, 1e22, 1e100,
              123456789012345680.0, 9999999999999998.0, 5e-324, sys.float_info.max, sys.float_info.min, math.pi, 1 / 3,
              2.0**53, math.inf, -math.inf, math.nan, 1.5e300, 1e-300, 0.00085, 0.012, 18.0, 100.0, 12.5, 1e21, 1.1e16]
    state = 1
    for _ in range(200):  # random bits, so that long and short digits both come
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        value = struct.unpack("<d", struct.pack("<Q", state))[0]
        values.append(value)
        values.append(round((state >> 11) / 2**53, 1 + state % 9))
    return values


def main():
    safetensors.torch.save_file(tensors(), OUT / "reference.safetensors", metadata={"format": "pt"})
    safetensors.torch.save_file({}, OUT / "empty.safetensors")
    values = {"numbers": numbers(), "integers": [0, -1, 2**63 - 1, -2**63, 2**64 - 1],
              "texts": ["", "é", "日本", "😀", "\x00\x1f\x7f\x80\u2028", "\"\\/\b\f\n\r\t"],
              "empty": [[], {}, [[]], [{}], {"a": {}}], "words": [True, False, None],
              "keys": {"b": 1, "a": 2, "é": 3, "Z": 4, "": 5, "😀": 6, "\uffff": 7}}
    write_json("python.json", json.dumps(values, indent=2, sort_keys=True) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        DPMSolverMultistepScheduler().save_pretrained(folder)
        write_json("scheduler_config.json", (pathlib.Path(folder) / "scheduler_config.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        UNet2DModel(sample_size=8, block_out_channels=(8, 8), norm_num_groups=4, down_block_types=("DownBlock2D",) * 2,
                    up_block_types=("UpBlock2D",) * 2).save_config(folder)
        write_json("unet_config.json", (pathlib.Path(folder) / "config.json").read_text())
    for variant in (None, "fp16"):
        Sharded().save_pretrained(OUT / "sharded", variant=variant, max_shard_size=200)
    (OUT / "sharded/config.json").unlink()


if __name__ == "__main__":
    main()
