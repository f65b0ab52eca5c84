"""Our reading of the mails in a corpus beside Python's and GMime's: `NAME against READER: agreeing/total`.

    conformance.py MAIL_DUMP CORPUS

CORPUS/eml-synthetic/*.eml and CORPUS/email-markup/*.eml are read; what is not there is passed over. GMime is asked where the
program mail_dump_gmime stands beside MAIL_DUMP. A disagreement that compare.py explains counts as agreeing and is told.
Exits 1 where one is not explained.
"""

import pathlib
import sys

import compare
import readers

SUITES = ("eml-synthetic", "email-markup")
# GMime follows nested parts by recursion and is slow on chosen header names: what it is given stays small.
BYTES_MAX = 4 << 20


def run(suite, files, ours, name, reader):
    mails = [path.read_bytes() for path in files]
    agreeing, told = 0, []
    for path, raw, one, other in zip(files, mails, ours.read_all(mails), reader.read_all(mails)):
        classes = [(compare.class_of(case), case) for case in compare.disagreements(raw, one, other, name)]
        agreeing += all(found is not None for found, _ in classes)
        told += [f"  {path.name}: {found or 'NOT EXPLAINED'}: {case}" for found, case in classes]
    print(f"{suite} against {name}: {agreeing}/{len(mails)}", *told, sep="\n", flush=True)
    return agreeing == len(mails)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, corpus = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    others = {"Python": readers.Python()}
    gmime = program.parent / "mail_dump_gmime"
    if gmime.is_file():
        others["GMime"] = readers.Program(gmime)
    good = True
    for suite in SUITES:
        files = sorted(path for path in (corpus / suite).glob("*.eml") if path.stat().st_size <= BYTES_MAX)
        for name, reader in others.items() if files else ():
            good &= run(suite, files, readers.Program(program), name, reader)
    sys.exit(0 if good else 1)


main()
