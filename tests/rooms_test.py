"""The direction of use is enforced by the build: a room that includes a room to its left does not compile, and each program links
only what its level of trust may hold."""

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

# What reads hostile bytes stands in the jail alone, and the jail has nothing to talk or store with.
NEVER_LINKED = {
    "saldo": ["libqpdf", "libz.", "libexpat", "libseccomp"],
    "saldo-jail": ["libsqlite3", "libcurl", "libmicrohttpd", "libunbound", "libjose", "libexpat"],
}
VAULT_LINKS = ["libcrypto.so.3", "libc.so.6"]


def libraries_of(program):
    """The shared libraries that the program itself names."""
    done = subprocess.run(["readelf", "-d", BUILD / program], capture_output=True, text=True, check=True)
    names = [line.split("[")[1].split("]")[0] for line in done.stdout.splitlines() if "(NEEDED)" in line]
    return [name for name in names if not name.startswith(("ld-linux", "libasan", "libubsan", "libtsan"))]


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

    def test_programs_link_only_what_they_may(self):
        for program, never in NEVER_LINKED.items():
            with self.subTest(program):
                found = libraries_of(program)
                self.assertIn("libjansson.so.4", found)
                self.assertEqual([name for name in found if name.startswith(tuple(never))], [])
        self.assertEqual(sorted(libraries_of("saldo-vault")), sorted(VAULT_LINKS))


tap.main()
