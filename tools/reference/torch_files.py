"""Writes tests/io/data/torch_*.bin: small files of torch.save in both forms, and hostile ones.

Run with torch 2.13: python tools/reference/torch_files.py
"""

import collections
import os
import pathlib
import pickle
import zipfile

import torch

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/io/data"


def state_dict():
    base = torch.arange(24, dtype=torch.float32)
    state = collections.OrderedDict()
    state["conv.weight"] = (base / 8).reshape(2, 3, 4)
    state["transposed"] = base.reshape(4, 6).t()  # strides
    state["part"] = base[5:9]  # a storage shared, with an offset
    state["half"] = torch.tensor([1.5, -2.25], dtype=torch.float16)
    state["brain"] = torch.tensor([3.0, 0.125], dtype=torch.bfloat16)
    state["double"] = torch.tensor([[1e300]], dtype=torch.float64)
    state["steps"] = torch.tensor(7)
    state["flags"] = torch.tensor([True, False])
    state["bytes"] = torch.arange(5, dtype=torch.uint8)
    state["empty"] = torch.zeros(0, 3)
    state["parameter"] = torch.nn.Parameter(torch.tensor([0.5]))
    state._metadata = {"": {"version": 1}}
    return state


def rarer_state_dict():
    """What few checkpoints have: types without a storage of their own, views that overlap."""
    row = torch.arange(4, dtype=torch.int16)
    return {
        "u16": torch.tensor([1, 65535], dtype=torch.uint16),
        "u32": torch.tensor([2**32 - 1], dtype=torch.uint32),
        "u64": torch.tensor([[2**63]], dtype=torch.uint64),
        "row": row,
        "row again": row.view(2, 2),
        "expanded": row.expand(3, 4),
        "size": torch.Size([2, 3]),
        "type": torch.float16,
        "note": "a text, a number and None are passed over",
        "number": 2**70,
        "none": None,
    }


def deflate(source, target):
    """Packs the entries of a zip file, which torch only ever stores."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))


def move_to_cuda(source, target):
    """The same archive as a GPU writes it: storages say where they were."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename.endswith(".debug_pkl"):  # where each line of code came from
                continue
            data = old.read(entry)
            if entry.filename.endswith("/data.pkl"):
                data = data.replace(b"X\x03\0\0\0cpu", b"X\x06\0\0\0cuda:0")
            new.writestr(entry.filename, data)


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(2, 3)
        self.norm = torch.nn.BatchNorm1d(3)

    def forward(self, x):
        return self.norm(self.linear(x))


class Net(torch.nn.Module):
    """A network with what TorchScript writes in its own way: lists, buffers, a module that stands in two places."""

    def __init__(self):
        super().__init__()
        self.blocks = torch.nn.Sequential(torch.nn.Conv1d(2, 2, 1), torch.nn.Identity())
        self.block = Block()
        self.again = self.block
        self.sizes = [1, 2]
        self.factors = [0.5]
        self.scale = torch.nn.Parameter(torch.tensor(1.5))
        self.register_buffer("resolution", torch.tensor(224))

    def forward(self, x):
        y = self.block(x) + self.again(x) + self.blocks(x.unsqueeze(2)).sum()
        return y * self.scale * self.factors[0] + self.sizes[0] + self.resolution


class Hostile:
    def __reduce__(self):
        return os.system, ("echo this must never run > /tmp/mezzotint_was_run",)


def main():
    for form, zipped in (("zip", True), ("legacy", False)):
        torch.save(state_dict(), OUT / f"torch_{form}.bin", _use_new_zipfile_serialization=zipped)
        torch.save({"state_dict": {"a": torch.ones(2)}, "epoch": 3}, OUT / f"torch_nested_{form}.bin",
                   _use_new_zipfile_serialization=zipped)
        torch.save({"a": torch.ones(2), "b": Hostile()}, OUT / f"torch_hostile_{form}.bin",
                   _use_new_zipfile_serialization=zipped)
        torch.save(rarer_state_dict(), OUT / f"torch_rarer_{form}.bin",
                   _use_new_zipfile_serialization=zipped)
        torch.save(state_dict(), OUT / f"torch_protocol4_{form}.bin", pickle_protocol=4,
                   _use_new_zipfile_serialization=zipped)
    torch.manual_seed(0)
    torch.jit.script(Net().half().eval()).save(OUT / "torch_script.pt")
    move_to_cuda(OUT / "torch_script.pt", OUT / "torch_script_cuda.pt")
    deflate(OUT / "torch_zip.bin", OUT / "torch_deflated_zip.bin")
    (OUT / "torch_plain_pickle.bin").write_bytes(pickle.dumps({"a": 1}, protocol=2))


if __name__ == "__main__":
    main()
