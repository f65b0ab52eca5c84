"""The conformance harness: it runs whatever suites a directory holds, and says so when one is below its bar."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import tap

BUILD = pathlib.Path(sys.argv[1]).resolve()
SOURCE = pathlib.Path(__file__).resolve().parent.parent

SPF = """# A suite of the same format with one case.
---
description: one
tests:
  pass-it:
    description: >-
      Folded text
      goes on.
    helo: mail.example.net
    host: 1.2.3.4
    mailfrom: "a@example.net"
    result: [%s, neutral]
zonedata:
  example.net:
    - SPF: v=spf1 mx
        -all
    - MX: [10, mail.example.net]
  mail.example.net:
    - A: 1.2.3.4
"""
PSL = "// names\ncheckPublicSuffix(null, null);\ncheckPublicSuffix('b.Example.COM', '%s');\n"
ARC = """description: >-
  One
tests:
  none:
    spec: 1
    message: |
      From: a@example.org

      Text
    cv: None
txt-records:
"""

UBL = """<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
 xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2">
<b:ID>F/1</b:ID><b:IssueDate>2026-01-31</b:IssueDate><b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>
<a:LegalMonetaryTotal><b:TaxInclusiveAmount>12.30</b:TaxInclusiveAmount><b:PayableAmount>12.30</b:PayableAmount></a:LegalMonetaryTotal>
</Invoice>"""
ORACLE = "file\tnumber\tissue_date\tcurrency\tgrand_total\tamount_due\tn_lines\na.xml\t%s\t2026-01-31\tEUR\t12.3\t12.30\t0\n"


class Conformance(unittest.TestCase):
    def run_on(self, files):
        with tempfile.TemporaryDirectory() as corpus:
            for name, text in files.items():
                path = pathlib.Path(corpus, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            done = subprocess.run([sys.executable, SOURCE / "tests/conformance.py", BUILD, corpus], capture_output=True, text=True)
            lines = [line for line in done.stdout.splitlines() if not line.startswith("vectors-")] # the project's own
            return done.returncode, lines, done.stderr

    def test_only_what_is_there(self):
        self.assertEqual(self.run_on({"mailauth/psl/test_psl.txt": PSL % "example.com"}), (0, ["psl: 2/2"], ""))

    def test_several(self):
        code, lines, _ = self.run_on({"mailauth/spf/rfc7208-tests.yml": SPF % "pass",
                                      "mailauth/arc/arc-draft-validation-tests.yml": ARC})
        self.assertEqual((code, lines), (0, ["spf-rfc7208: 1/1", "arc-validation: 1/1"]))

    def test_below_the_bar(self):
        code, lines, _ = self.run_on({"mailauth/spf/rfc7208-tests.yml": SPF % "fail",
                                      "mailauth/psl/test_psl.txt": PSL % "example.com"})
        self.assertEqual(code, 1)
        self.assertIn("spf-rfc7208: 0/1", lines)
        self.assertIn("psl: 2/2", lines)
        self.assertTrue(lines[0].startswith("  pass-it: pass, wanted fail/neutral"), lines)

    def test_invoices(self):
        code, lines, errors = self.run_on({"oracle.tsv": ORACLE % "F/1", "invoices/a.xml": UBL})
        self.assertEqual((code, lines, errors), (0, ["oracle: 1/1", "truncated: 51/51"], ""))
        code, lines, _ = self.run_on({"oracle.tsv": ORACLE % "F/2", "invoices/a.xml": UBL})
        self.assertEqual((code, lines[:2]), (1, ["  oracle a.xml: number 'F/2' read as 'F/1'", "oracle: 0/1"]))

    def test_unreadable(self):
        code, lines, _ = self.run_on({"mailauth/spf/rfc7208-tests.yml": "tests: &anchor\n  x: 1\n"})
        self.assertEqual(code, 1)
        self.assertTrue(lines[0].startswith("spf-rfc7208: cannot be read"), lines)

    def test_nothing_there(self):
        code, lines, errors = self.run_on({"mailauth/README": "x"})
        self.assertEqual((code, lines), (1, []))
        self.assertIn("holds no suite", errors)


tap.main()
