"""Runs every test there is (C and whole-program tests through Meson, the web app's, the browser's) and closes with one
line: N passed, N failed."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

BUILD = pathlib.Path(sys.argv[1]).resolve()
SOURCE = pathlib.Path(__file__).resolve().parent.parent


class Totals:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, name, passed, failed, skipped=0):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        print(f"== {name}: {passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""), flush=True)


def run_meson(totals):
    """C tests and whole-program tests; each TAP line counts as one."""
    print("== C and whole-program tests", flush=True)
    status = subprocess.run(["meson", "test", "-C", str(BUILD), "--no-rebuild", "--print-errorlogs"]).returncode
    report = BUILD / "meson-logs" / "testlog.junit.xml"
    passed = failed = skipped = 0
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    if status != 0 and failed == 0:
        failed = 1
    totals.add("C and whole-program tests", passed, failed, skipped)


def run_web(totals):
    """The web app's unit tests (vitest)."""
    report = BUILD / "vitest.json"
    report.unlink(missing_ok=True)
    status = subprocess.run(["npx", "--no-install", "vitest", "run", "--reporter=default", "--reporter=json",
                             f"--outputFile={report}"], cwd=SOURCE / "web").returncode
    try:
        found = json.loads(report.read_text())
        passed, failed = found["numPassedTests"], found["numFailedTests"]
    except (OSError, ValueError, KeyError):
        passed, failed = 0, 0
    if status != 0 and failed == 0:
        failed = 1
    totals.add("web unit tests", passed, failed)


def run_browser(totals):
    """The whole flow in a real browser (node's own test runner prints TAP)."""
    tests = sorted(str(path) for path in (SOURCE / "tests" / "e2e").glob("*.test.mjs"))
    environment = dict(os.environ, SALDO_BUILD=str(BUILD))
    done = subprocess.run([shutil.which("node"), "--test", "--test-reporter=tap", "--test-concurrency=1", *tests], cwd=SOURCE,
                          env=environment, stdout=subprocess.PIPE, text=True)
    sys.stdout.write(done.stdout)

    def count(word):
        found = re.search(rf"^# {word} (\d+)$", done.stdout, re.MULTILINE)
        return int(found.group(1)) if found else 0
    failed = count("fail") + count("cancelled")
    if done.returncode != 0 and failed == 0:
        failed = 1
    totals.add("browser tests", count("pass"), failed)


def main():
    totals = Totals()
    for part in (run_meson, run_web, run_browser):
        part(totals)
    # The only line of this form without a word before it; node's own summary must not be taken for it.
    print(f"{totals.passed} passed, {totals.failed} failed", flush=True)
    sys.exit(1 if totals.failed or not totals.passed else 0)


main()
