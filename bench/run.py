"""The hot paths of the main job, each as a ratio to the hardware or to the bare server measured in the same run.

Machines are shared and noisy: absolute figures prove nothing, so each row is measured in five rounds, its peer beside it
in the same round, and the median of the ratios is what counts.
"""

import http.client
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
from world import BUILD, PAYER, World  # noqa: E402

ROUNDS = 5
MAILBOX_MESSAGES = 10_000


def run_pair(command):
    count, seconds = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout.split()
    return float(count) / float(seconds)


def lmtp_row(world, messages_each):
    """Messages committed per second over 16 connections, beside appends with fdatasync of the same size by one writer."""
    mail = next(world.samples().glob("mail/northwind*.eml"))
    size = mail.stat().st_size
    rates, ratios = [], []
    for _ in range(ROUNDS):
        floor = run_pair([BUILD / "bench" / "sync-floor", os.path.join(world.directory, "floor"), size, 2000])
        rate = run_pair([BUILD / "bench" / "lmtp-load", world.lmtp_port, PAYER, 16, messages_each, mail])
        rates.append(rate)
        ratios.append(rate / floor)
    print(f"lmtp      {statistics.median(rates):10.0f} messages/s committed ({size} bytes, DKIM verified, read in the jail)   "
          f"ratio to append+fdatasync {statistics.median(ratios):.2f}  [{min(ratios):.2f}..{max(ratios):.2f}]", flush=True)


def latencies(port, path, cookie, count):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    taken = []
    for _ in range(count):
        start = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie or ""})
        response = connection.getresponse()
        response.read()
        taken.append(time.perf_counter() - start)
        assert response.status == 200, response.status
    connection.close()
    return statistics.quantiles(taken, n=100)


def inbox_row(world):
    browser = world.browser()
    held = browser.call("GET", "/v1/folders")["inbox"]
    p99s, ratios = [], []
    for _ in range(ROUNDS):
        floor = latencies(world.port, "/livez", None, 1000)[98]
        p99 = latencies(world.port, "/v1/messages?limit=50", browser.cookie, 1000)[98]
        p99s.append(p99)
        ratios.append(p99 / floor)
    print(f"inbox     {statistics.median(p99s) * 1000:10.2f} ms p99, first page of 50 at {held} messages   "
          f"ratio to /livez p99 {statistics.median(ratios):.1f}  [{min(ratios):.1f}..{max(ratios):.1f}]", flush=True)


def main():
    world = World(conf="\n[lmtp]\nconnections = 64\n").create()
    try:
        world.start()
        lmtp_row(world, MAILBOX_MESSAGES // ROUNDS)
        inbox_row(world)
    finally:
        world.done()


main()
