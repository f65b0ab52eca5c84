#!/usr/bin/env python3
"""Runs the published suites against the `mailauth` command and prints `NAME: passed/total`.

    run.py MAILAUTH DIRECTORY [SUITE...]

DIRECTORY holds any of spf/rfc7208-tests.yml, arc/arc-draft-validation-tests.yml, dkim/*.txt, dkim2/cases.json and
psl/test_psl.txt, or other suites of the same formats under these names; what is not there is passed over. Exits 1
when a case fails or a suite cannot be read, 2 when the call is wrong.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import suite_yaml

ARC_CLOCK = 1484600000  # the validation suite was signed in January 2017


def escape(data):
    """A TXT string in zone file form."""
    return '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\' else "\\%03d" % b for b in data) + '"'


def txt(strings):
    """Character-strings hold 255 bytes at most."""
    parts = []
    for string in strings:
        data = string if isinstance(string, bytes) else string.encode("utf-8")
        parts += [data[i : i + 255] for i in range(0, len(data), 255)] or [b""]
    return " ".join(escape(part) for part in parts) or '""'


def name_text(name):
    """A name in zone file form: what would end a word is escaped."""
    out = "".join(c if 32 < ord(c) < 127 and c not in '"\\;()' else "".join("\\%03d" % b for b in c.encode()) for c in name)
    return out.rstrip(".") + "."


def call(mailauth, zone, mail, *options):
    with tempfile.NamedTemporaryFile("w", suffix=".zone", encoding="latin-1") as file:
        file.write(zone)
        file.flush()
        run = subprocess.run([mailauth, "--json", "--dns-zone", file.name, *options, "-"], input=mail, capture_output=True)
    if run.returncode not in (0, 1):
        raise SystemExit("mailauth failed: " + run.stderr.decode() + "\n" + zone)
    return json.loads(run.stdout)


# ---- SPF ----


def spf_line(name, kind, value):
    if kind == "TXT":
        return "%s TXT %s" % (name, txt(value if isinstance(value, list) else [value]))
    if kind == "MX":
        return "%s MX %s %s" % (name, value[0], name_text(value[1]) if value[1] else ".")
    if kind in ("PTR", "CNAME"):
        return "%s %s %s" % (name, kind, name_text(value))
    return "%s %s %s" % (name, kind, value)


def spf_name_lines(name, records):
    """The suite's own rules: an SPF entry stands for a TXT of the same text unless the name has TXT entries; TIMEOUT
    alone times out for the types that have not come before it."""
    kinds = [next(iter(r)) for r in records if isinstance(r, dict)]
    lines, name = [], name_text(name)
    for record in records:
        if record == "TIMEOUT":
            lines += ["$ANSWER %s %s timeout" % (name, t) for t in ("A", "AAAA", "MX", "PTR", "TXT") if t not in seen_types(records)]
            continue
        kind, value = next(iter(record.items()))
        if kind == "SPF":
            if "TXT" in kinds:
                continue
            kind = "TXT"
        if value == "NONE":
            continue
        lines.append("$ANSWER %s %s timeout" % (name, kind) if value == "TIMEOUT" else spf_line(name, kind, value))
    return lines


def seen_types(records):
    """Types that have an answer before the bare TIMEOUT. "TXT: NONE" keeps SPF entries from standing for TXT ones."""
    before = [r for r in records[: records.index("TIMEOUT")]]
    own_txt = any(next(iter(r)) == "TXT" for r in before)
    seen = {next(iter(r)) for r in before if next(iter(r.values())) != "NONE"}
    return seen | {"TXT"} if "SPF" in seen and not own_txt else seen


def spf_cases(path):
    with open(path, "rb") as file:
        for document in suite_yaml.documents(file.read().decode("utf-8")):
            zone = "\n".join(line for name, records in document["zonedata"].items() for line in spf_name_lines(name, records))
            for name, case in document["tests"].items():
                yield name, case, zone + "\n"


def run_spf(mailauth, directory):
    for name, case, zone in spf_cases(os.path.join(directory, "spf", "rfc7208-tests.yml")):
        wanted = case["result"] if isinstance(case["result"], list) else [case["result"]]
        report = call(mailauth, zone, b"", "--client-ip", case["host"], "--helo", case["helo"], "--mail-from", case["mailfrom"])
        got = report["spf"]
        good = got["result"] in wanted
        text = case.get("explanation")
        if good and text is not None and got["result"] == "fail" and text != "DEFAULT":
            good = got["explanation"] == text
        yield name, good, "%s, wanted %s: %s (%s)" % (got["result"], "/".join(wanted), got["reason"], got["explanation"])


# ---- ARC ----


def run_arc(mailauth, directory):
    with open(os.path.join(directory, "arc", "arc-draft-validation-tests.yml"), encoding="utf-8") as file:
        documents = list(suite_yaml.documents(file.read()))
    for document in documents:
        records = document.get("txt-records") or {}
        zone = "\n".join("%s TXT %s" % (name_text(n), txt(["".join(t.split("\n"))])) for n, t in records.items()) + "\n"
        for name, case in document["tests"].items():
            mail = case["message"].replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8")
            report = call(mailauth, zone, mail, "--now", str(ARC_CLOCK))
            got, wanted = report["arc"], (case["cv"] or "").lower()
            # An empty cv: the chain was already marked as failed and has no result of its own; it must not pass.
            good = got["result"] == wanted if wanted else got["result"] != "pass"
            yield name, good, "%s, wanted %s: %s" % (got["result"], wanted, got["reason"])


# ---- DKIM: key lines, an empty line, the message; every signature must pass when it was made ----


def run_dkim(mailauth, directory):
    for path in sorted(glob.glob(os.path.join(directory, "dkim", "*.txt"))):
        with open(path, "rb") as file:
            head, _, mail = file.read().replace(b"\r\n", b"\n").partition(b"\n\n")
        lines = [line.decode().partition(" ") for line in head.split(b"\n") if line.strip()]
        zone = "\n".join("%s TXT %s" % (name_text(name), txt([value])) for name, _, value in lines) + "\n"
        made = max([int(t) for t in re.findall(rb"[;\s]t=(\d{9,10})", mail)] or [1700000000])
        report = call(mailauth, zone, mail.replace(b"\n", b"\r\n"), "--now", str(made))
        good = bool(report["dkim"]) and all(s["result"] == "pass" for s in report["dkim"])
        yield os.path.basename(path), good, "; ".join("%s %s: %s" % (s["result"], s["domain"], s["reason"]) for s in report["dkim"])


# ---- DKIM2: cases with their envelope and clock; keys by domain and selector ----


def dkim2_zone(path):
    with open(path, encoding="utf-8") as file:
        domains = json.load(file)
    return "".join("%s TXT %s\n" % (name_text(selector + "." + domain), txt([value]))
                   for domain, selectors in domains.items() for selector, records in selectors.items()
                   for kind, value in records if kind.lower() == "txt")


def bare(path):
    return path[1:-1] if path.startswith("<") and path.endswith(">") else path


def dkim2_case(mailauth, directory, zone, case):
    with open(os.path.join(directory, "expected", case["file"]), "rb") as file:
        mail = file.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    # A case without a clock is judged when its last signature was made.
    now = case.get("now") or max([int(t) for t in re.findall(rb"[;\s]t=(\d{9,12})\b", mail, re.I)] or [0])
    options = ["--dkim2" if case.get("strict", True) else "--dkim2-bare-paths", "--now", str(now)]
    options += ["--mail-from", bare(case["mail_from"])]
    for recipient in case["rcpt_to"]:
        options += ["--rcpt-to", bare(recipient)]
    got = call(mailauth, zone, mail, *options)["dkim2"]
    return case["name"], got["result"] == case["expected"], "%s, wanted %s: %s" % (got["result"], case["expected"], got["reason"])


def run_dkim2(mailauth, directory):
    directory = os.path.join(directory, "dkim2")
    zone = dkim2_zone(os.path.join(directory, "dns.json"))
    with open(os.path.join(directory, "cases.json"), encoding="utf-8") as file:
        for case in json.load(file):
            yield dkim2_case(mailauth, directory, zone, case)


# ---- Public Suffix List: checkPublicSuffix('name', 'registrable domain') ----


def ascii_form(name):
    return name if name is None else name.encode("idna").decode().lower()


def run_psl(mailauth, directory):
    directory = os.path.join(directory, "psl")
    with open(os.path.join(directory, "test_psl.txt"), encoding="utf-8") as file:
        cases = re.findall(r"^checkPublicSuffix\((null|'[^']*'), (null|'[^']*')\);", file.read(), re.M)
    cases = [[None if word == "null" else word[1:-1] for word in case] for case in cases]
    options = ["--registrable"]
    if os.path.exists(os.path.join(directory, "public_suffix_list.dat")):
        options += ["--public-suffix-list", os.path.join(directory, "public_suffix_list.dat")]
    for name, wanted in cases:
        done = subprocess.run([mailauth, *options, name or ""], capture_output=True, text=True, check=True)
        got = done.stdout.strip()
        yield name, got == (ascii_form(wanted) or "-"), "%s, wanted %s" % (got, wanted)


# name, the file that shows that the suite is there, how it runs
SUITES = [
    ("spf-rfc7208", "spf/rfc7208-tests.yml", run_spf),
    ("arc-validation", "arc/arc-draft-validation-tests.yml", run_arc),
    ("dkim", "dkim/*.txt", run_dkim),
    ("dkim2", "dkim2/cases.json", run_dkim2),
    ("psl", "psl/test_psl.txt", run_psl),
]


def run_suite(suite, run, mailauth, directory):
    """The share that passed, printed; every case that did not is told above it."""
    passed = total = 0
    for name, good, told in run(mailauth, directory):
        total += 1
        passed += good
        if not good:
            print("  %s: %s" % (name, told))
    print("%s: %d/%d" % (suite, passed, total), flush=True)
    return passed == total > 0


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    mailauth, directory, chosen = sys.argv[1], sys.argv[2], sys.argv[3:]
    good = True
    for suite, needs, run in SUITES:
        if glob.glob(os.path.join(glob.escape(directory), needs)) and (not chosen or suite in chosen):
            try:
                good &= run_suite(suite, run, mailauth, directory)
            except (OSError, ValueError, KeyError, IndexError, TypeError, suite_yaml.Unreadable, subprocess.CalledProcessError) as error:
                print("%s: cannot be read: %s %s" % (suite, type(error).__name__, error), flush=True)
                good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
