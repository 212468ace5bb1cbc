"""Writes mezzotint/models/html_entity_names.cc: the names of HTML5's character references, from Python's html.entities.

Each entry is the name, then `;` where it needs a semicolon or `,` where it may stand without, then the code points in
hexadecimal. Usage: python tools/reference/html_entities.py
"""

import html.entities
import pathlib
import textwrap

OUT = pathlib.Path(__file__).resolve().parents[2] / "mezzotint/models/html_entity_names.cc"


def main():
    names = html.entities.html5
    entries = []
    for name in sorted(name[:-1] for name in names if name.endswith(";")):
        mark = "," if name in names else ";"
        assert names.get(name, names[name + ";"]) == names[name + ";"]
        entries.append(name + mark + "+".join(f"{ord(c):X}" for c in names[name + ";"]))
    lines = textwrap.wrap(" ".join(entries), 118, break_long_words=False, break_on_hyphens=False)
    body = "\n".join(lines)
    OUT.write_text(
        '#include "mezzotint/models/html_entities.h"\n\nnamespace mezzotint {\n\n'
        "// Written by tools/reference/html_entities.py.\n"
        f'const char* const kHtmlEntityNames = R"(\n{body}\n)";\n\n}}  // namespace mezzotint\n')


if __name__ == "__main__":
    main()
