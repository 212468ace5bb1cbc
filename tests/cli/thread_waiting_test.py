"""How the command's threads wait for each other. Usage: thread_waiting_test.py PATH-OF-MEZZOTINT."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

MEZZOTINT = sys.argv.pop()
SANITIZED = any(name in pathlib.Path(MEZZOTINT).read_bytes() for name in (b"__asan_init", b"__tsan_init"))
MODEL = pathlib.Path(__file__).resolve().parents[1] / "pipelines/data/ddpm"


class ThreadWaiting(unittest.TestCase):
    def environment_of_a_run(self, **variables):
        """What /proc says of a command that is at work, and its name there."""
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "GOMP_"))}
        with tempfile.TemporaryDirectory() as scratch:
            made = pathlib.Path(scratch) / "made"  # by the command, once main has begun; the sampling takes longer
            running = subprocess.Popen([MEZZOTINT, "sample", MODEL, "-o", made / "out.png", "--seeds", "0..99"],
                                       env=plain | variables, stderr=subprocess.DEVNULL)
            try:
                while not made.exists():
                    self.assertIsNone(running.poll())
                    time.sleep(0.01)
                proc = pathlib.Path(f"/proc/{running.pid}")
                entries = proc.joinpath("environ").read_text().split("\0")
                return dict(entry.split("=", 1) for entry in entries if entry), proc.joinpath("comm").read_text()
            finally:
                running.kill()
                running.wait()

    @unittest.skipIf(SANITIZED, "a sanitizer isn't ready before constructors")
    def test_they_spin_shortly_or_not_at_all(self):
        variables, name = self.environment_of_a_run(KEPT="yes")
        self.assertIn(variables["GOMP_SPINCOUNT"], ("0", "1000"))
        self.assertEqual(variables["KEPT"], "yes")
        self.assertEqual(name, "mezzotint\n")

    def test_who_chose_is_obeyed(self):
        for variable, value in (("GOMP_SPINCOUNT", "7"), ("OMP_WAIT_POLICY", "active"), ("OMP_NUM_THREADS", "1")):
            variables, _ = self.environment_of_a_run(**{variable: value})
            self.assertEqual({k: v for k, v in variables.items() if k.startswith(("OMP_", "GOMP_"))}, {variable: value})


if __name__ == "__main__":
    unittest.main()
