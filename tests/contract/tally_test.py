#!/usr/bin/env python3
"""What the tests count is what happened: tally_test.py TALLY_PROBE SOURCE_ROOT

The closing line of a test program (support/main.cpp), by a program that fails on purpose; and the sum over all programs
(support/count.py), by a log made up here.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROBE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])


class ClosingLine(unittest.TestCase):
    def test_each_failure_counts_once(self):
        done = subprocess.run([str(PROBE)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        expected = {"passed": 0, "failed": 0, "skipped": 0}
        source = (ROOT / "tests/contract/tally_probe.cpp").read_text()
        for line in source.splitlines():
            if line.startswith("TEST_CASE("):
                for part in line.split('"')[1].split(": ")[-1].split(", "):
                    count, kind = part.split()
                    expected[kind] += int(count)
        line = "{passed} passed, {failed} failed, {skipped} skipped".format(**expected)
        self.assertIn("\n" + line + "\n", done.stdout)
        self.assertNotEqual(done.returncode, 0)

    def test_a_skip_is_said_once_and_is_no_failure(self):
        done = subprocess.run([str(PROBE), "--test-case=skip*"], stdout=subprocess.PIPE, text=True)
        self.assertEqual(done.stdout.count("SKIPPED: ../shared/there/is/no/such.jsonl is not there\n"), 1)
        self.assertIn("\n1 passed, 0 failed, 2 skipped\n", done.stdout)
        self.assertEqual(done.returncode, 0)


class Sum(unittest.TestCase):
    def summed(self, *tests):
        """(status, totals, output) of count.py for these tests."""
        with tempfile.TemporaryDirectory() as folder:
            log, totals = pathlib.Path(folder, "log.json"), pathlib.Path(folder, "totals")
            log.write_text("".join(json.dumps(test) + "\n" for test in tests))
            done = subprocess.run([sys.executable, str(ROOT / "tests/support/count.py"), str(log), str(totals)],
                                  stdout=subprocess.PIPE, text=True)
            return done.returncode, totals.read_text(), done.stdout

    def test_closing_lines_are_added_up(self):
        status, totals, said = self.summed(
            {"name": "a", "result": "OK", "stdout": "noise\n10 passed, 0 failed\n[doctest] more\n"},
            {"name": "b", "result": "OK", "stdout": "5 passed, 0 failed, 2 skipped\nSKIPPED: thing\n"})
        self.assertEqual((status, totals), (0, "15 0 2\n"))
        self.assertIn("SKIPPED: thing", said)

    def test_failures_are_shown_with_their_output(self):
        status, totals, said = self.summed(
            {"name": "good", "result": "OK", "stdout": "quiet\n1 passed, 0 failed\n"},
            {"name": "bad", "result": "FAIL", "stdout": "why\n1 passed, 2 failed\n", "stderr": "and more"})
        self.assertEqual((status, totals), (1, "2 2 0\n"))
        self.assertIn("bad", said)
        self.assertIn("why", said)
        self.assertIn("and more", said)
        self.assertNotIn("quiet", said)

    def test_a_crash_a_timeout_and_a_lie_are_failures(self):
        for result in "FAIL", "TIMEOUT", "ERROR":
            self.assertEqual(self.summed({"name": "a", "result": result})[:2], (1, "0 1 0\n"))
        lie = {"name": "a", "result": "FAIL", "stdout": "3 passed, 0 failed\n"}
        self.assertEqual(self.summed(lie)[:2], (1, "3 1 0\n"))
        other_lie = {"name": "a", "result": "OK", "stdout": "3 passed, 1 failed\n"}
        self.assertEqual(self.summed(other_lie)[:2], (1, "3 1 0\n"))

    def test_a_plain_script_is_one(self):
        self.assertEqual(self.summed({"name": "a", "result": "OK", "stdout": "fine\n"})[:2], (0, "1 0 0\n"))

    def test_a_skipped_program_is_one_skip_and_no_tests_are_a_failure(self):
        self.assertEqual(self.summed({"name": "a", "result": "SKIP"})[:2], (0, "0 0 1\n"))
        self.assertEqual(self.summed()[:2], (1, "0 1 0\n"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
