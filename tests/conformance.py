"""Runs the suites that a corpus holds, one line each: `NAME: passed/total`.

    conformance.py BUILD CORPUS

Each room whose formats have published suites brings its own runner; what CORPUS does not hold is passed over. Exits 1
when a suite is below its bar (all cases), when none is there at all, or when one cannot be read.
"""

import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent
# (folder of the corpus, or the corpus itself; its runner, the program it is called with)
RUNNERS = [("mailauth", "src/mailauth/conformance/run.py", "src/mailauth/mailauth")]
# The project's own published vectors, which need no corpus: their folder, and the program that runs them.
OWN = [("tests/vectors/dkim", "src/mailauth/mailauth_vectors_test"), ("tests/vectors/dmarc", "src/mailauth/mailauth_vectors_test")]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    build, corpus = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    if not corpus.is_dir():
        sys.exit(f"conformance: there is no directory {corpus}; name one with CORPUS=DIR")
    ran = below = 0
    for folder, runner, program in RUNNERS:
        suites = corpus / folder if (corpus / folder).is_dir() else corpus
        done = subprocess.run([sys.executable, "-B", SOURCE / runner, build / program, suites], stdout=subprocess.PIPE, text=True)
        sys.stdout.write(done.stdout)
        ran += any("/" in line and not line.startswith(" ") for line in done.stdout.splitlines())
        below += done.returncode != 0
    for folder, program in OWN:
        done = subprocess.run([build / program, "--summary", SOURCE / folder], stdout=subprocess.PIPE, text=True)
        sys.stdout.write(done.stdout)
        below += done.returncode != 0
    if not ran:
        sys.exit(f"conformance: {corpus} holds no suite; it is {', '.join(folder for folder, _, _ in RUNNERS)}/SUITE/…")
    sys.exit(1 if below else 0)


main()
