"""Unpacks from a PyTorch wheel what C++ programs need: headers, the libraries behind libtorch_cpu, licences."""

import pathlib
import re
import shutil
import sys
import zipfile

# torch.libs/ holds what auditwheel adds on some platforms (BLAS, Fortran run time); libtorch_cpu finds it beside torch/.
NEEDED = re.compile(
    r"torch/include/.*"
    r"|torch/lib/lib(torch_cpu|torch_cuda.*|c10.*|gomp.*|arm_compute.*|shm)\.so[.0-9]*"
    r"|torch\.libs/.*"
    r"|torch-[^/]*\.dist-info/(licenses/.*|LICENSE.*|NOTICE.*|METADATA)"
)


def main(wheel: str, target: str) -> int:
    root = pathlib.Path(target)
    with zipfile.ZipFile(wheel) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and NEEDED.fullmatch(m.filename)]
        if any("libtorch_cuda" in m.filename for m in members):
            print(f"    {wheel} is a CUDA build, the CPU build was wanted", file=sys.stderr)
            return 1
        for member in members:
            path = root / member.filename
            if ".." in path.parts:
                raise ValueError(f"{wheel}: {member.filename} leaves the archive")
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, open(path, "wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
