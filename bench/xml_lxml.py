"""Reading XML invoices beside python3-lxml: our reader into the whole model, lxml into the fields of bench/xml_bench.c.

usage: xml_lxml.py BUILD-DIRECTORY      (needs python3-lxml)

Each generated document is read by both in five rounds, one after the other; the median of the rounds' ratios counts.
"""

import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from lxml import etree

ROUNDS = 5
BATCH_SECONDS = 0.1
BENCH = pathlib.Path(sys.argv[1]) / "bench" / "xml-bench"


def run(*arguments):
    return subprocess.run([BENCH, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def compiled_paths():
    """By syntax: its fields as compiled paths."""
    namespaces, paths = {}, {}
    for line in run("--paths").splitlines():
        syntax, prefix, value = line.split("\t")
        if prefix:
            namespaces.setdefault(syntax, {})[prefix] = value
        else:
            paths.setdefault(syntax, []).append(value)
    return {syntax: [etree.XPath(path, namespaces=namespaces[syntax]) for path in found] for syntax, found in paths.items()}


def read(parser, paths, document):
    root = etree.fromstring(document, parser)
    texts = []
    for path in paths:
        found = path(root)
        texts.append([element.text for element in found] if isinstance(found, list) else found)
    return texts


def rate(parser, paths, document):
    """Documents per second of CPU."""
    done, start = 0, time.process_time()
    while time.process_time() - start < BATCH_SECONDS:
        if not read(parser, paths, document)[0]:
            sys.exit("bench: lxml finds no number")
        done += 1
    return done / (time.process_time() - start)


def main():
    paths, parser = compiled_paths(), etree.XMLParser(no_network=True, resolve_entities=False)
    with tempfile.TemporaryDirectory() as directory:
        run("--write", directory)
        for file in sorted(pathlib.Path(directory).iterdir()):
            document, fields = file.read_bytes(), paths[file.name.split(",")[0]]
            pairs = [(float(run("--rate", file)), rate(parser, fields, document)) for _ in range(ROUNDS)]
            ours, theirs = (statistics.median(values) for values in zip(*pairs))
            ratio = statistics.median(one / other for one, other in pairs)
            print(f"XML {file.stem:12} {len(document):6} B   {ours:7.0f} /s   lxml {theirs:7.0f} /s: {ratio:4.2f} times")


main()
