"""What the pages of --help list, for tests that hold completion and documentation to them."""

import functools
import re
import subprocess


class HelpPages:
    """Those of one command. A path is the words of a verb: (), ("data", "preview")."""

    def __init__(self, command):
        self.command = command

    @functools.cache
    def page(self, *path):
        return subprocess.run([self.command, *path, "--help"], capture_output=True, text=True, check=True).stdout

    @functools.cache
    def verbs(self, *path):
        """Names of the verbs below `path`, in the page's order."""
        listed = self.page(*path).partition("\nVerbs:\n")[2].split("\n\n")[0]
        return re.findall(r"^  (\S+)", listed, re.MULTILINE)

    def paths(self, *path):
        """All paths from `path` on, itself included."""
        yield path
        for verb in self.verbs(*path):
            yield from self.paths(*path, verb)

    @functools.cache
    def options(self, *path):
        """All names of options that can be given at `path`, long and short."""
        names = set()
        for row in re.findall(r"^  (-.*)", self.page(*path), re.MULTILINE):
            names |= set(re.findall(r"(?<!\S)--?[a-z][a-z0-9-]*", row.split("  ")[0]))
        return names
