#!/usr/bin/env python3
"""Writes dkim/*.json and dmarc/*.json; `make.py --check` only says whether they are what it would write.

Needs Python and the openssl command. Keys and clocks are fixed and both kinds of signature are deterministic: the same
bytes come out every time.
"""

import sys

import dkim_cases
import dmarc_cases


def main():
    changed = 0
    for collection in (dkim_cases.collect(), dmarc_cases.collect()):
        for path, text in collection.texts():
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            changed += 1
            if "--check" in sys.argv:
                print(f"{path.name} is not what make.py writes")
            else:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
        print(f"{collection.kind}: {collection.count()} cases")
    return 1 if changed and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
