"""Runs the suites that a corpus holds, one line each: `NAME: passed/total`.

    conformance.py BUILD CORPUS

Each room whose formats have published suites brings its own runner; what CORPUS does not hold is passed over. Exits 1
when a suite is below its bar (all cases), when none is there at all, or when one cannot be read.
"""

import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent
SUITE = re.compile(r"^[a-z][\w -]*: \d+/\d+", re.MULTILINE)


def commands(build, corpus):
    """What to run, each with what must be there for it."""
    python = [sys.executable, "-B"]
    mailauth = corpus / "mailauth" if (corpus / "mailauth").is_dir() else corpus
    yield corpus, [*python, SOURCE / "src/mailauth/conformance/run.py", build / "src/mailauth/mailauth", mailauth]
    yield corpus, [*python, SOURCE / "tests/invoice_suites.py", build, corpus]
    yield corpus / "email-markup", [*python, SOURCE / "tests/email_markup.py", build / "saldo", corpus / "email-markup"]
    yield corpus / "oracle.tsv", [build / "src/invoice/containers_corpus_test", corpus]
    yield corpus / "eml-synthetic", [*python, SOURCE / "src/mail/differential/conformance.py", build / "src/mail/mail_dump", corpus]
    yield corpus / "invoices", [build / "src/jail/jail_corpus_test"]


def own_commands(build):
    """The project's own published vectors, which need no corpus."""
    for suite in ("dkim", "dmarc"):
        yield SOURCE, [build / "src/mailauth/mailauth_vectors_test", "--summary", SOURCE / "tests/vectors" / suite]


def run(build, corpus, wanted):
    """(number of suites that ran, number of runners that failed)."""
    environment = os.environ | {"CORPUS": str(corpus), "SALDO_PROGRAMS": str(build / "src/jail")}
    ran = failed = 0
    for needed, command in wanted:
        if not needed.exists():
            continue
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment)
        sys.stdout.write(done.stdout)
        sys.stdout.flush()
        ran += len(SUITE.findall(done.stdout))
        failed += done.returncode != 0
    return ran, failed


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    build, corpus = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    if not corpus.is_dir():
        sys.exit(f"conformance: there is no directory {corpus}; name one with CORPUS=DIR")
    ran, failed = run(build, corpus, commands(build, corpus))
    _, own_failed = run(build, corpus, own_commands(build))
    if not ran:
        sys.exit(f"conformance: {corpus} holds no suite (mailauth/, oracle.tsv, eml-synthetic/, email-markup/)")
    sys.exit(1 if failed or own_failed else 0)


main()
