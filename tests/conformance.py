"""Runs the suites that a corpus holds, one line each: `NAME: passed/total`. Later rooms add theirs to SUITES."""

import pathlib
import subprocess
import sys

BUILD, CORPUS = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
# (name of the suite, path below the corpus that it needs, program, share that must pass)
SUITES = []


def main():
    if not CORPUS.is_dir():
        print(f"conformance: there is no directory {CORPUS}; name one with CORPUS=DIR")
        sys.exit(1)
    below = 0
    for name, needs, program, bar in SUITES:
        if not (CORPUS / needs).exists():
            print(f"{name}: not in this corpus")
            continue
        done = subprocess.run([BUILD / program, CORPUS / needs], capture_output=True, text=True)
        sys.stdout.write(done.stdout)
        below += done.returncode != 0
    sys.exit(1 if below else 0)


main()
