#!/usr/bin/env python3
"""The shared library exports the functions that its header declares, and nothing else."""
import re
import subprocess
import sys

LIBRARY, HEADER = sys.argv[1], sys.argv[2]


def main():
    with open(HEADER, encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    declared = set(re.findall(r"^[a-z][^;{}()]*?\b(mailauth_\w+)\(", text, re.M)) - {"mailauth_answer_fn"}
    listing = subprocess.run(["nm", "-D", "--defined-only", LIBRARY], capture_output=True, text=True, check=True).stdout
    exported = {line.split()[-1].split("@")[0] for line in listing.splitlines() if line.split()[-2] in "TDBRVW"}
    sanitizer = {name for name in exported if name.startswith(("__", "_"))}
    print("1..2")
    missing, extra = sorted(declared - exported), sorted(exported - declared - sanitizer)
    print("%s 1 every declared function is exported %s" % ("not ok" if missing or not declared else "ok", " ".join(missing)))
    print("%s 2 nothing else is exported %s" % ("not ok" if extra else "ok", " ".join(extra)))


main()
