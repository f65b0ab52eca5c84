"""Reads the invoices of a corpus with `saldo inspect` and compares them with what independent programs read.

    invoice_suites.py BUILD CORPUS

Suites: `oracle` (CORPUS/oracle.tsv, every row: number, dates, seller, VAT id, accounts, currency, total, amount due, type code,
number of lines) and `eml-synthetic` (CORPUS/eml-synthetic/expected.tsv: whole mails). Prints `NAME: passed/total` each, and a
line for every row that differs. Rows in which the oracle is wrong or ambiguous stand in invoice_suites.tsv with the reason;
they count neither way, and there may be at most one in a hundred. Exits 1 below the bar: every other row.

How values are compared: amounts as decimals, account numbers without white space (26 digits are an NRB, prefix PL), names with
white space folded. Where the
oracle gives a text that is no date (templates with #placeholders#), the reading must have none and say so; where it knows no
currency, the reading must have no money and keep the amount as text.
"""

import concurrent.futures
import csv
import decimal
import json
import os
import pathlib
import re
import subprocess
import sys

EXCEPTIONS = pathlib.Path(__file__).resolve().with_suffix(".tsv")
EXCEPTIONS_MAX = 0.01


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader((line for line in file if not line.startswith("# ")), delimiter="\t", quoting=csv.QUOTE_NONE))


def inspect(saldo, path):
    """What `saldo inspect` says of the file; its complaint where it fails."""
    done = subprocess.run([saldo, "inspect", "--json", "--dns-zone", os.devnull, path], capture_output=True, timeout=120)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr.decode(errors="replace")


def inspect_all(saldo, paths):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(paths, pool.map(lambda path: inspect(saldo, path), paths)))


# ---- One value against one value -----------------------------------------------------------------------------------------

def is_date(text):
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text or "") is not None


def number(text):
    try:
        return decimal.Decimal(text)
    except (decimal.InvalidOperation, TypeError):
        return None


def folded(text):
    return " ".join((text or "").split()) or None


def dates_agree(expected, got, invoice):
    if not expected or is_date(expected):
        return (expected or None) == got
    return got is None and any(expected[:8] in check["text"] for check in invoice["checks"])


def account(text):
    """As it is compared: without white space, a bare Polish NRB as the IBAN that it is (formats.md, KSeF)."""
    digits = re.sub(r"\s", "", text)
    return "PL" + digits if re.fullmatch(r"\d{26}", digits) else digits or None


def accounts_of(invoice):
    return [account["number"] for account in invoice["accounts"] if account.get("number")]


def payees(value, invoice):
    """The accounts of the table without one that is only the payer's own: the oracle lists that too."""
    listed = [account(part) for part in value.split("|") if part]
    own = account(invoice["payer_account"] or "")
    return [number for number in listed if number != own or number in accounts_of(invoice)]


def amounts_agree(expected, got, invoice, currency):
    """`got` is the money as read; without a currency it must be none, and the amount kept as text."""
    if not currency and number(expected) is not None:
        return got is None and number((invoice["currency_text"] or "").split(" ")[0]) is not None
    return number(expected) == number(got)


def differences(row, invoice):
    """Names of the columns in which the reading differs; columns that the table does not have are passed over."""
    first_account = (accounts_of(invoice) or [None])[0]
    judged = {
        "number": lambda value: folded(value) == invoice["number"],
        "issue_date": lambda value: dates_agree(value, invoice["issue_date"], invoice),
        "due_date": lambda value: dates_agree(value, invoice["due_date"], invoice),
        "all_due": lambda value: [day for day in value.split("|") if is_date(day)] == invoice["due_dates"],
        "seller_name": lambda value: folded(value) == invoice["seller"].get("name"),
        "seller_vat": lambda value: folded(value) == invoice["seller"].get("vat_id"),
        "iban": lambda value: account(value) == first_account,
        "all_ibans": lambda value: payees(value, invoice) == accounts_of(invoice),
        "currency": lambda value: (value or None) == invoice["currency"],
        "grand_total": lambda value: amounts_agree(value, invoice["total"], invoice, row["currency"]),
        "amount_due": lambda value: amounts_agree(value, invoice["amount_due"], invoice, row["currency"]),
        "type_code": lambda value: folded(value) == invoice["type_code"],
        "n_lines": lambda value: int(value or 0) == invoice["line_count"],
    }
    return [column for column, agrees in judged.items() if row.get(column) is not None and not agrees(row[column])]


# ---- Suites ------------------------------------------------------------------------------------------------------------

def load_exceptions(suite):
    return {row["file"]: row["reason"] for row in rows_of(EXCEPTIONS) if row["suite"] == suite}


def close(suite, outcomes):
    """Prints the suite's line; `outcomes` is a list of (file, what differs or "")."""
    excepted = load_exceptions(suite)
    known = {file for file, _ in outcomes if file in excepted}
    judged = [(file, trouble) for file, trouble in outcomes if file not in excepted]
    for file, trouble in judged:
        if trouble:
            print(f"  {suite} {file}: {trouble}")
    passed = sum(not trouble for _, trouble in judged)
    aside = f" ({len(known)} set aside, tests/{EXCEPTIONS.name})" if known else ""
    print(f"{suite}: {passed}/{len(judged)}{aside}", flush=True)
    return passed == len(judged) and len(known) <= EXCEPTIONS_MAX * max(len(outcomes), 100)


def run_oracle(saldo, corpus):
    rows = rows_of(corpus / "oracle.tsv")
    rows = [row for row in rows if (corpus / "invoices" / row["file"]).is_file()]
    found = inspect_all(saldo, [corpus / "invoices" / row["file"] for row in rows])
    outcomes = []
    for row in rows:
        result = found[corpus / "invoices" / row["file"]]
        invoices = result["invoices"] if isinstance(result, dict) else []
        if len(invoices) != 1:
            told = result if isinstance(result, str) else "; ".join(result["message"]["troubles"])
            outcomes.append((row["file"], f"{len(invoices)} invoices: {told}"))
            continue
        wrong = differences(row, invoices[0])
        shown = invoices[0] | {"seller_name": invoices[0]["seller"].get("name"), "seller_vat": invoices[0]["seller"].get("vat_id"),
                               "iban": accounts_of(invoices[0]), "grand_total": invoices[0]["total"]}
        outcomes.append((row["file"], ", ".join(f"{column} {row[column]!r} read as {shown.get(column)!r}" for column in wrong)))
    return close("oracle", outcomes)


FORMATS = {"UBL-Invoice": "UBL Invoice", "UBL-CreditNote": "UBL CreditNote", "ZUGFeRD1": "ZUGFeRD 1", "FatturaPA-p7m": "FatturaPA"}


def format_agrees(expected, invoice):
    """The rank decides which source is kept: an XML beside the PDF that carries the same one, for example."""
    container, _, name = expected.rpartition("/")
    in_pdf = invoice["source"] == "pdf" or "pdf" in invoice["agreeing"]
    return invoice["format"].startswith(FORMATS.get(name, name)) and (not container or in_pdf)


def judge_mail(rows, result):
    if isinstance(result, str):
        return result
    invoices = result["invoices"]
    if len(invoices) != int(rows[0]["n_invoices"]):
        return f"{len(invoices)} invoices, not {rows[0]['n_invoices']}: " + "; ".join(result["message"]["troubles"])
    if invoices and any(check["rule"] == "sources" for invoice in invoices for check in invoice["checks"]):
        return "its sources are said to disagree"
    for row in rows if invoices else []:
        own = [invoice for invoice in invoices if invoice["number"] == folded(row["number"])]
        if len(own) != 1:
            return f"no invoice has the number {row['number']}"
        wrong = differences(row, own[0]) + ([] if format_agrees(row["format"], own[0]) else ["format"])
        if wrong:
            return ", ".join(f"{column} {row[column]!r}" for column in wrong)
    return ""


def run_mails(saldo, corpus):
    folder = corpus / "eml-synthetic"
    by_file = {}
    for row in rows_of(folder / "expected.tsv"):
        by_file.setdefault(row["file"], []).append(row)
    by_file = {file: rows for file, rows in by_file.items() if (folder / file).is_file()}
    found = inspect_all(saldo, [folder / file for file in by_file])
    return close("eml-synthetic", [(file, judge_mail(rows, found[folder / file])) for file, rows in by_file.items()])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    saldo, corpus = pathlib.Path(sys.argv[1]).resolve() / "saldo", pathlib.Path(sys.argv[2]).resolve()
    good = True
    if (corpus / "oracle.tsv").is_file():
        good &= run_oracle(saldo, corpus)
    if (corpus / "eml-synthetic" / "expected.tsv").is_file():
        good &= run_mails(saldo, corpus)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
