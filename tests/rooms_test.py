"""The direction of use is enforced by the build: a room that includes a room to its left does not compile."""

import json
import pathlib
import shlex
import subprocess
import tempfile
import unittest

import tap
from world import BUILD, SOURCE

# (room whose compile command is taken, header it must not reach)
BREACHES = [
    ("base", "store/store.h"), ("mail", "invoice/invoice.h"), ("invoice", "trust/verdict.h"), ("policy", "store/store.h"),
    ("trust", "pay/pay.h"), ("trust", "store/store.h"), ("pay", "store/store.h"), ("pay", "partner/partner_client.h"),
    ("partner", "store/store.h"), ("jail", "store/store.h"), ("store", "http/http.h"), ("store", "checkout/checkout.h"),
    ("checkout", "http/http.h"), ("checkout", "intake/intake.h"), ("intake", "http/http.h"), ("http", "intake/intake.h"), ("mailauth", "base/span.h"),
]
ALLOWED = [("store", "pay/pay.h"), ("checkout", "store/store.h"), ("intake", "jail/jail.h"), ("http", "checkout/checkout.h")]


def compile_with(room, header):
    """Compiles one line with the flags of a file of that room; returns (worked, compiler's words)."""
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    own = [c for c in commands if f"/lib{room}.a.p/" in c["output"] or f"src/{room}/lib{room}.a.p/" in c["output"]]
    command = shlex.split(own[0]["command"])
    source_index = len(command) - 1
    with tempfile.TemporaryDirectory() as directory:
        probe = pathlib.Path(directory) / "probe.c"
        probe.write_text(f'#include <stdbool.h>\n#include "{header}"\nextern int probe;\nint probe = 1;\n')
        command[source_index] = str(probe)
        command[command.index("-o") + 1] = str(pathlib.Path(directory) / "probe.o")
        done = subprocess.run(command, cwd=own[0]["directory"], capture_output=True, text=True)
        return done.returncode == 0, done.stderr


class Rooms(unittest.TestCase):
    def test_breach_does_not_compile(self):
        for room, header in BREACHES:
            with self.subTest(f"{room} includes {header}"):
                self.assertTrue((SOURCE / "src" / header.split("/")[0] / "include" / header).exists(), "the header must exist")
                worked, words = compile_with(room, header)
                self.assertFalse(worked)
                self.assertIn("No such file", words)

    def test_use_to_the_right_compiles(self):
        for room, header in ALLOWED:
            with self.subTest(f"{room} includes {header}"):
                worked, words = compile_with(room, header)
                self.assertTrue(worked, words)


tap.main()
