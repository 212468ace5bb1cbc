"""Holds includes to the order of the layers and one style of path, type names to one place (docs/architecture.md)."""

import pathlib
import re
import sys

# A module may include itself and what stands before it; `kernels` must not know torch.
BELOW = {
    "base": [],
    "io": ["base"],
    "hub": ["base", "io"],
    "data": ["base", "io"],
    "kernels": [],
    "ops": ["base", "kernels"],
    "models": ["base", "kernels", "ops"],
    "schedulers": ["base"],
    "guidance": ["base", "schedulers"],
}
BELOW["pipelines"] = [*BELOW]
BELOW["training"] = [*BELOW]
BELOW["report"] = [*BELOW]
BELOW["apps"] = [*BELOW]


def main(root: pathlib.Path) -> int:
    faults = []
    defined: dict[tuple[str, str], pathlib.Path] = {}  # (library or apps, type) -> header
    sources = [p for top in ("mezzotint", "apps") for p in (root / top).rglob("*") if p.suffix in (".h", ".cc")]
    for path in sources:
        parts = path.relative_to(root).parts
        module = parts[1] if parts[0] == "mezzotint" else "apps"
        text = path.read_text()
        for number, line in enumerate(text.splitlines(), 1):
            include = re.match(r'#include ["<]([^">]+)[">]', line)
            if not include:
                continue
            target = include[1]
            where = f"{path.relative_to(root)}:{number}: includes {target}"
            if target.startswith("mezzotint/"):
                other = target.split("/")[1]
                if other != module and other not in BELOW[module]:
                    faults.append(f"{where}: {module} must not know {other}")
            elif line.startswith('#include "') and not target.startswith("apps/"):
                faults.append(f"{where}: write the path from the root, mezzotint/...")
            if module == "kernels" and re.match(r"(ATen|torch|c10)/", target):
                faults.append(f"{where}: kernels know no torch")
        if path.suffix == ".h":  # two types of one name in a namespace: the linker takes either's functions
            for name in set(re.findall(r"^(?:class|struct|enum class) (\w+)(?: final)?(?: :.*)? \{", text, re.M)):
                if (other := defined.setdefault((path.parts[-3], name), path)) != path:
                    faults.append(f"{path.relative_to(root)}: {name} is a type in {other.relative_to(root)} too")
        if path.suffix == ".h" and not path.name.endswith("-inl.h") and not text.startswith("#pragma once"):
            faults.append(f"{path.relative_to(root)}: begins without #pragma once")
    print("\n".join(faults) or f"{len(sources)} files keep the order")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
