"""Our reading of the mails in a corpus beside Python's and GMime's: `NAME against READER: agreeing/total`.

    conformance.py MAIL_DUMP CORPUS

CORPUS/eml-synthetic/*.eml and CORPUS/email-markup/*.eml are read, as they are and broken in several ways; what is not there is
passed over. GMime is asked where the program mail_dump_gmime stands beside MAIL_DUMP. A disagreement that compare.py explains
counts as agreeing; of whole mails it is told. Exits 1 where one whole mail, or one in a hundred broken ones, is read in another
way and no class explains it.
"""

import pathlib
import random
import sys

import compare
import mails
import readers

SUITES = ("eml-synthetic", "email-markup")
# GMime follows nested parts by recursion and is slow on chosen header names: what it is given stays small.
BYTES_MAX, BROKEN_BYTES_MAX = 4 << 20, 100_000
BREAKS, BROKEN_SHARE = 12, 0.99


def read_suite(folder):
    """(label, bytes) of each mail."""
    files = sorted(path for path in folder.glob("*.eml") if path.stat().st_size <= BYTES_MAX)
    return [(path.name, path.read_bytes()) for path in files]


def broken(suite):
    return [(f"{name}, break {number}", mails.broken(random.Random(f"{name} {number}"), raw))
            for name, raw in suite if len(raw) <= BROKEN_BYTES_MAX for number in range(BREAKS)]


def run(title, suite, ours, others, share):
    """One line, with what it has to tell below it; true where enough of the mails agree."""
    agreeing, told = 0, []
    for (label, raw), one, other in zip(suite, ours, others[1]):
        classes = [(compare.class_of(case), case) for case in compare.disagreements(raw, one, other, others[0])]
        agreeing += all(found is not None for found, _ in classes)
        told += [f"  {label}: {found or 'NOT EXPLAINED'}: {case}" for found, case in classes if found is None or share == 1]
    print(f"{title} against {others[0]}: {agreeing}/{len(suite)}", *told, sep="\n", flush=True)
    return agreeing >= share * len(suite)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, corpus = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    others = {"Python": readers.Python()}
    gmime = program.parent / "mail_dump_gmime"
    if gmime.is_file():
        others["GMime"] = readers.Program(gmime)
    good = True
    for name in SUITES:
        whole = read_suite(corpus / name)
        for title, suite, share in ((name, whole, 1), (f"{name} broken", broken(whole), BROKEN_SHARE)):
            raws = [raw for _, raw in suite]
            ours = readers.Program(program).read_all(raws) if suite else []
            for reader in others if suite else ():
                good &= run(title, suite, ours, (reader, others[reader].read_all(raws)), share)
    sys.exit(0 if good else 1)


main()
