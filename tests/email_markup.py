"""Invoices in the markup of HTML mail: each mail of a directory against its row of expected.tsv, through `saldo inspect`.

    email_markup.py SALDO DIRECTORY

Prints `email-markup: passed/total`, and each difference as a line of its own. Exits 1 when a row is not as expected; says
nothing where DIRECTORY holds no such table.
"""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile

COLUMNS = ["name", "type", "number", "provider", "currency", "total", "due", "status"]
# What the table calls a type: the formats that Saldo names it by, and the check that it must carry.
TYPES = {
    "Invoice": (("schema.org Invoice", "ActionRequest"), None),
    "Order+Invoice": (("schema.org Order",), None),
    "AdaptiveCard(unstructured)": (("AdaptiveCard",), None),
    "SignedAdaptiveCard(bad signature)": (("SignedAdaptiveCard",), "signed-card"),
}
STATUSES = {"": "unstated", "PaymentDue": "due", "PaymentPastDue": "past_due", "PaymentComplete": "complete",
            "PaymentDeclined": "declined", "PaymentAutomaticallyApplied": "automatic"}


def rows_of(directory):
    table = directory / "expected.tsv"
    if not table.is_file():
        return []
    with open(table, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t")
        return list(reader) if reader.fieldnames == COLUMNS else []


def inspect(saldo, mail):
    """The invoices of one mail. DNS is an empty zone: who sent the mail is not asked here."""
    with tempfile.NamedTemporaryFile("w", suffix=".zone") as zone:
        done = subprocess.run([saldo, "inspect", mail, "--json", "--dns-zone", zone.name], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"email_markup: saldo inspect {mail} ended with {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)["invoices"]


def holds(invoice):
    return {check["rule"] for check in invoice["checks"] if check["severity"] == "hold"}


def read_amount(invoice, is_uncertain):
    """(currency, total) in the table's words: an uncertain currency has a "?", and its amount stands as it was written."""
    if is_uncertain and invoice["currency"] is None and "currency" in holds(invoice):
        return "?", (invoice["currency_text"] or "").lstrip("$")
    return invoice["currency"] or "", invoice["total"] or ""


def differences(row, invoices):
    """What is not as expected, as (what, expected, found)."""
    if row["type"] == "none":
        return [("invoices", 0, len(invoices))] if invoices else []
    if len(invoices) != 1:
        return [("invoices", 1, len(invoices))]
    invoice, (formats, check) = invoices[0], TYPES[row["type"]]
    currency, total = read_amount(invoice, row["currency"].endswith("?"))
    compared = [
        ("format", invoice["format"] if invoice["format"] in formats else " or ".join(formats), invoice["format"]),
        ("check", check, check if check in holds(invoice) else None),
        ("source", "microdata" if row["name"].startswith("microdata") else invoice["source"], invoice["source"]),
        ("number", row["number"], invoice["number"] or ""),
        ("provider", row["provider"], invoice["seller"].get("name") or ""),
        ("currency", "?" if row["currency"].endswith("?") else row["currency"], currency),
        ("total", row["total"], total),
        ("due", row["due"], invoice["due_date"] or ""),
        ("status", STATUSES[row["status"]], invoice["status"]),
    ]
    return [one for one in compared if one[1] != one[2]]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    saldo, directory = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    rows = rows_of(directory)
    passed = 0
    for row in rows:
        found = differences(row, inspect(saldo, directory / (row["name"] + ".eml")))
        passed += not found
        for what, expected, value in found:
            print(f"  {row['name']}: {what} is {value!r}, expected {expected!r}")
    if rows:
        print(f"email-markup: {passed}/{len(rows)}")
    sys.exit(1 if passed < len(rows) else 0)


main()
