"""Runs every fuzzer of a build for a number of seconds each and fails on the first finding."""

import pathlib
import re
import subprocess
import sys
import tempfile

BUILD, SECONDS = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
SOURCE = pathlib.Path(__file__).resolve().parent.parent


def seeds(fuzzer):
    """`src/room/corpus/NAME/` and `src/room/NAME.dict` beside the fuzzer's source, where they exist."""
    name = fuzzer.name.removesuffix("_fuzz")
    found = []
    for directory in SOURCE.glob(f"src/*/corpus/{name}"):
        found.append(str(directory))
    options = [f"-dict={path}" for path in SOURCE.glob(f"src/*/{name}.dict")]
    return options, found


def main():
    fuzzers = sorted(path for path in BUILD.glob("**/*_fuzz") if path.is_file())
    findings = 0
    for fuzzer in fuzzers:
        options, corpus = seeds(fuzzer)
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run([fuzzer, f"-max_total_time={SECONDS}", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1",
                                   f"-artifact_prefix={BUILD}/{fuzzer.name}-", *options, scratch, *corpus], capture_output=True, text=True)
        runs = re.search(r"number_of_executed_units: (\d+)", done.stderr)
        coverage = re.findall(r"cov: (\d+)", done.stderr)
        ok = done.returncode == 0
        findings += not ok
        print(f"{fuzzer.name:30} {'ok' if ok else 'FINDING'}  {runs.group(1) if runs else '?'} executions, "
              f"coverage {coverage[-1] if coverage else '?'}", flush=True)
        if not ok:
            print(done.stderr[-3000:])
    print(f"fuzz: {len(fuzzers)} fuzzers, {findings} findings")
    sys.exit(1 if findings or not fuzzers else 0)


main()
