"""The memory that the command keeps. Usage: memory_cache_test.py PATH-OF-MEZZOTINT."""

import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import unittest

MEZZOTINT = pathlib.Path(sys.argv.pop()).resolve()
TESTS = pathlib.Path(__file__).resolve().parents[1]
MODEL = TESTS / "pipelines/data/ddpm"
SANITIZED = b"__asan_init" in MEZZOTINT.read_bytes()


class MemoryCache(unittest.TestCase):
    def sampled(self, cache=None, *more):
        """What a sample holds and how many page faults making it took."""
        env = {k: v for k, v in os.environ.items() if k != "MEZZOTINT_CACHE"} | {"OMP_NUM_THREADS": "1"}
        env["MALLOC_MMAP_THRESHOLD_"] = "65536"  # else malloc keeps more or less, as it happens
        if cache is not None:
            env["MEZZOTINT_CACHE"] = cache
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt
        with tempfile.TemporaryDirectory() as scratch:
            out = pathlib.Path(scratch) / "out.safetensors"
            done = subprocess.run([MEZZOTINT, "sample", MODEL, "-o", out.name, *map(str, more)], cwd=scratch, env=env,
                                  capture_output=True, text=True, check=False)
            faults = resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt - before
            return done, out.read_bytes() if out.exists() else None, faults

    def test_it_changes_no_number(self):
        wanted = self.sampled("off", "--steps", 3)[1]
        for cache in (None, "", "0", "100K", "1G"):
            with self.subTest(cache=cache):
                done, got, _ = self.sampled(cache, "--steps", 3)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(got, wanted)

    @unittest.skipIf(SANITIZED, "nothing is kept under AddressSanitizer")
    def test_more_steps_take_no_more_page_faults(self):
        pictures = ("-n", 48, "--batch", 48, "--seed", 1)
        faults = {(cache, steps): self.sampled(cache, "--steps", steps, *pictures)[2]
                  for cache in ("off", None) for steps in (2, 12)}
        self.assertLess(faults[None, 12] - faults[None, 2], 300)
        self.assertGreater(faults["off", 12] - faults["off", 2], 1000)  # else this test would see nothing

    def test_other_values_are_refused(self):
        for value in ("lots", "2T", "-1", "1.5T", "G"):
            with self.subTest(value=value):
                done, got, _ = self.sampled(value)
                self.assertEqual(done.returncode, 2)
                self.assertIsNone(got)
                self.assertIn(f"MEZZOTINT_CACHE: got '{value}', wanted off", done.stderr)


if __name__ == "__main__":
    unittest.main()
