"""`saldo inspect` on every mail of the demo: the verdict that its maker expects, in the documented form."""

import csv
import json
import subprocess
import tempfile
import unittest
import pathlib

import tap
from world import PAYER, SALDO, SANDBOX, run_saldo


class Inspect(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix="saldo-inspect-")
        cls.samples = pathlib.Path(cls.directory.name) / "samples"
        subprocess.run([SANDBOX, "samples", cls.samples, "--recipient", PAYER, "--state", cls.directory.name + "/sandbox"],
                       check=True, capture_output=True)
        cls.envelopes = {row["file"]: row for row in cls.table("envelopes.tsv")}

    @classmethod
    def table(cls, name):
        """The rows of a list beside the samples; its first line names the columns."""
        with open(cls.samples / name) as file:
            return list(csv.DictReader((line.removeprefix("# ") for line in file), delimiter="\t"))

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def inspect(self, path, *more):
        done = run_saldo("inspect", path, "--json", "--dns-zone", self.samples / "dns.zone", "--partners",
                         self.samples / "partners.json", *more)
        return json.loads(done.stdout)

    def inspect_sample(self, name):
        envelope = self.envelopes[name]
        return self.inspect(self.samples / "mail" / name, "--client-ip", envelope["client"], "--helo", envelope["helo"],
                            "--mail-from", envelope["sender"])

    def test_every_sample_gets_its_verdict(self):
        rows = self.table("expected.tsv")
        self.assertGreater(len(rows), 30)
        for row in rows:
            with self.subTest(row["file"]):
                found = self.inspect_sample(row["file"])
                verdict = found["verdict"]
                self.assertEqual(verdict["kind"], row["kind"], verdict)
                self.assertEqual(verdict["reasons"][0]["code"], row["first reason"], verdict)
                for reason in verdict["reasons"]:
                    self.assertRegex(reason["code"], r"^[a-z][a-z0-9_]*$")
                    self.assertGreater(len(reason["text"]), 10)

    def test_the_documented_form(self):
        name = next(row for row in self.envelopes if row.startswith("northwind"))
        found = self.inspect_sample(name)
        self.assertEqual(set(found), {"message", "authentication", "invoices", "verdict"})
        self.assertLessEqual({"from", "subject", "message_id", "date"}, set(found["message"]))
        authentication = found["authentication"]
        for signature in authentication["dkim"]:
            self.assertLessEqual({"result", "domain", "selector", "algorithm", "reason"}, set(signature))
        self.assertLessEqual({"result", "domain", "reason"}, set(authentication["spf"]))
        self.assertLessEqual({"result", "domain", "policy", "reason"}, set(authentication["dmarc"]))
        self.assertLessEqual({"result", "reason"}, set(authentication["arc"]))
        self.assertEqual(authentication["dmarc"]["result"], "pass")
        invoice, = found["invoices"]
        self.assertLessEqual({"source", "format", "profile", "type_code", "number", "issue_date", "due_date", "seller", "buyer",
                              "accounts", "currency", "total", "amount_due", "remittance", "checks"}, set(invoice))
        self.assertRegex(invoice["total"], r"^-?\d+\.\d\d$")
        self.assertIn("name", invoice["seller"])  # in objects, what is unknown is left out
        attached, = self.inspect_sample("attached-ubl.eml")["invoices"]
        self.assertLessEqual({"name", "vat_id"}, set(attached["seller"]))
        self.assertEqual(len(attached["lines"]), attached["line_count"])

    def test_standard_input_gives_the_same(self):
        name = next(row for row in self.envelopes if row.startswith("northwind"))
        path = self.samples / "mail" / name
        command = [SALDO, "inspect", "-", "--json", "--dns-zone", self.samples / "dns.zone", "--partners", self.samples / "partners.json"]
        done = subprocess.run(command, input=path.read_bytes(), capture_output=True, check=True)
        self.assertEqual(json.loads(done.stdout)["verdict"], self.inspect(path)["verdict"])

    def test_without_partners_nothing_is_a_card(self):
        name = next(row for row in self.envelopes if row.startswith("northwind"))
        done = run_saldo("inspect", self.samples / "mail" / name, "--json", "--dns-zone", self.samples / "dns.zone")
        self.assertEqual(json.loads(done.stdout)["verdict"]["kind"], "hold")

    def test_bare_xml_and_pdf_are_read_as_what_they_are(self):
        for name, data in {"a.xml": b"<?xml version='1.0'?><Invoice/>", "a.pdf": b"%PDF-1.7\n%%EOF\n"}.items():
            path = self.samples / name
            path.write_bytes(data)
            found = self.inspect(path)
            self.assertIn(found["verdict"]["kind"], ("plain", "hold"))
            self.assertEqual(found["message"]["from"], None)

    def test_text_for_people(self):
        name = next(row for row in self.envelopes if row.startswith("northwind"))
        done = run_saldo("inspect", self.samples / "mail" / name, "--dns-zone", self.samples / "dns.zone", "--partners",
                         self.samples / "partners.json")
        self.assertIn("Verdict: card", done.stdout.decode())

    def test_what_cannot_be_read_says_so(self):
        huge = self.samples / "huge.eml"
        with open(huge, "wb") as file:
            file.write(b"From: a@b.example\r\n\r\n")
            file.truncate(50 * 1024 * 1024)
        for path, words in ((huge, "too large"), (self.samples / "none.eml", "cannot open")):
            done = run_saldo("inspect", path, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr.decode())
        empty = self.samples / "empty.eml"
        empty.write_bytes(b"")
        self.assertEqual(run_saldo("inspect", empty, check=False).returncode, 1)


tap.main()
