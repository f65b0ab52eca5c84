#!/usr/bin/env python3
"""The `mailauth` command: what it prints, how it ends, and that a wrong call is told how to be right."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

COMMAND = sys.argv[1]
ZONE = 'example.org. 300 TXT "v=spf1 ip4:192.0.2.7 -all"\n_dmarc.example.org. 300 TXT "v=DMARC1; p=reject"\n'
MAIL = 'From: "A \\"x\\" \u00e9" <a@example.org>\r\nSubject: x\r\n\r\nText\r\n'
FAILURES = []
COUNT = 0


def check(good, what):
    global COUNT
    COUNT += 1
    print("%sok %d %s" % ("" if good else "not ", COUNT, what))
    if not good:
        FAILURES.append(what)


def call(*words, text=MAIL):
    done = subprocess.run([COMMAND, *words], input=text.encode(), capture_output=True)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def main():
    with tempfile.TemporaryDirectory() as directory:
        zone = str(pathlib.Path(directory, "zone"))
        pathlib.Path(zone).write_text(ZONE)
        envelope = ["--dns-zone", zone, "--client-ip", "192.0.2.7", "--helo", "mx.example.org", "--mail-from", "a@example.org"]

        code, out, _ = call(*envelope)
        check(code == 0 and "vouched  by spf example.org" in out, "text: SPF of the author's domain vouches, exit 0")
        code, out, _ = call("--dns-zone", zone)
        check(code == 1 and "vouched  by nobody" in out, "without the envelope nobody does, exit 1")

        code, out, _ = call("--json", *envelope)
        report = json.loads(out)
        check(report["vouched"] == {"by": "spf", "domain": "example.org"} and report["spf"]["aligned"], "JSON says the same")
        check({e["name"] for e in report["evidence"]} >= {"example.org", "_dmarc.example.org"}, "JSON holds the evidence")
        check(report["dkim2"]["reason"] == "DKIM2 was not asked for", "DKIM2 is off")
        report = json.loads(call("--json", "--dkim2", *envelope)[1])
        check(report["dkim2"]["reason"] == "there is no DKIM2 signature", "and on with --dkim2")

        code, out, _ = call("--results", "mx.example.net", *envelope)
        check(code == 0 and out.startswith("Authentication-Results: mx.example.net;\r\n\tdkim=none"), "a field in our name")
        check('\tspf=pass' in out and 'smtp.mailfrom="a@example.org"' in out, "with SPF in it")
        code, _, err = call("--results", "no name", *envelope)
        check(code == 2 and "not a domain name" in err, "no field in the name of something else")

        code, out, _ = call("--received-spf", "mx.example.net", *envelope)
        check(code == 0 and out.startswith("Received-SPF: pass") and "client-ip=192.0.2.7;" in out, "a Received-SPF field")
        code, out, _ = call("--received-spf", "mx.example.net", "--results", "mx.example.net", *envelope)
        check(code == 0 and re.findall("^[A-Z][A-Za-z-]+", out, re.M) == ["Authentication-Results", "Received-SPF"], "or both fields")
        code, _, err = call("--received-spf", "no name", *envelope)
        check(code == 2 and "not a domain name" in err, "and none for something else")

        code, out, _ = call("--registrable", "a.b.example.co.uk", "co.uk", "WWW.Example.COM", "..")
        check(code == 0 and out.split() == ["example.co.uk", "-", "example.com", "-"], "registrable domains")

        code, out, _ = call("--help")
        told = set(re.findall(r"--[a-z0-9-]+", out))
        check(code == 0 and {"--json", "--dns-zone", "--client-ip", "--rcpt-to", "--help"} <= told, "--help lists the options")
        for words, hint in [(["--nonsense"], "--help"), (["--mail-from"], "MAIL FROM"), (["--now", "soon"], "seconds since 1970"),
                            (["--dns-zone", "/nonexistent"], "/nonexistent"), (["/nonexistent"], "No such file"),
                            (["one", "two"], "once for each")]:
            code, out, err = call(*words)
            check(code == 2 and hint in err and not out, "a wrong call: " + " ".join(words))
    print("1..%d" % COUNT)
    sys.exit(1 if FAILURES else 0)


main()
