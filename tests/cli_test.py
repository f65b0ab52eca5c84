"""The commands: what they do, what they refuse, and the words they use."""

import json
import os
import pathlib
import tempfile
import unittest

import tap
from world import GROUP, PAYER, World, run_saldo

LETTER = b"From: a@plain.example\nTo: me@firm.example\nSubject: letter %d\n\nHello\n"


class Words(unittest.TestCase):
    def test_help_teaches(self):
        text = run_saldo("--help").stdout.decode()
        for command in ("demo", "init", "serve", "import", "inspect", "admin", "partner", "account", "group", "config"):
            self.assertIn(f"  {command}", text)
            self.assertIn("Usage", run_saldo(command, "--help").stdout.decode())

    def test_wrong_command_lines_exit_2_and_say_how(self):
        for arguments in ((), ("fly",), ("admin",), ("partner", "fire"), ("import",), ("init",), ("inspect", "a", "b"), ("serve", "--nope"),
                          ("demo", "--port", "1"), ("config", "set"), ("account", "add"), ("group",), ("group", "add", "--address", "x")):
            done = run_saldo(*arguments, check=False)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertTrue(done.stderr, arguments)


class NewServer(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="saldo-cli-")
        self.addCleanup(self.directory.cleanup)
        self.path = pathlib.Path(self.directory.name)
        self.state = self.path / "state"

    def init(self, password=b"correct horse\n", check=True):
        return run_saldo("init", "--organization", "Firm", "--login", "me@firm.example", state=self.state, stdin=password, check=check)

    def test_init_makes_a_private_state(self):
        self.init()
        for root, directories, files in os.walk(self.state):
            for name in directories + files:
                self.assertEqual(os.stat(os.path.join(root, name)).st_mode & 0o077, 0, name)

    def test_init_twice_is_refused(self):
        self.init()
        done = self.init(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("there already", done.stderr.decode())

    def test_short_password_is_refused_before_anything_is_made(self):
        done = self.init(password=b"short\n", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertFalse(self.state.exists())

    def test_commands_before_init_name_init(self):
        done = run_saldo("config", "show", state=self.state, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("saldo init", done.stderr.decode())

    def test_configuration_errors_name_file_and_line(self):
        self.init()
        conf = self.state / "saldo.conf"
        good = conf.read_text()
        lines = good.count("\n")
        for text, words in (("[server]\nfoo = 1\n", '"foo"'), ("[nope]\n", "[nope]"), ("[lmtp]\nconnections = many\n", "connections")):
            conf.write_text(good + text)
            done = run_saldo("config", "show", state=self.state, check=False)
            self.assertEqual(done.returncode, 1, text)
            self.assertRegex(done.stderr.decode(), rf"line {lines + 1}|line {lines + 2}")
            self.assertIn(words, done.stderr.decode())
        conf.write_text(good)
        shown = run_saldo("config", "show", state=self.state).stdout.decode()
        self.assertIn("[lmtp]\n", shown)

    def test_people_and_groups(self):
        self.init()
        run_saldo("account", "add", "--login", "you@firm.example", "--name", "You", state=self.state, stdin=b"another horse\n")
        run_saldo("group", "add", "--address", "Bills@firm.example", state=self.state)
        run_saldo("group", "join", "--address", "bills@firm.example", "--login", "you@firm.example", state=self.state)
        self.assertEqual(run_saldo("group", "list", state=self.state).stdout, b"bills@firm.example\n")
        for again in (("account", "add", "--login", "you@firm.example"), ("group", "add", "--address", "bills@firm.example"),
                      ("group", "join", "--address", "you@firm.example", "--login", "you@firm.example"),
                      ("group", "join", "--address", "bills@firm.example", "--login", "nobody")):
            done = run_saldo(*again, state=self.state, stdin=b"another horse\n", check=False)
            self.assertEqual(done.returncode, 1, again)
            self.assertTrue(done.stderr)

    def test_two_engines_on_one_state_are_refused(self):
        world = World().create().start()
        self.addCleanup(world.done)
        done = run_saldo("serve", state=world.state, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"by process {world.process.pid}", done.stderr.decode())
        with open(f"/proc/{world.process.pid}/limits") as limits:
            core, = (line.split() for line in limits if line.startswith("Max core file size"))
        self.assertEqual(core[4:6], ["0", "0"], "[PAY-011] what passes through it must not end in a crash dump")

    def test_import_takes_eml_mbox_and_maildir(self):
        self.init()
        eml = self.path / "one.eml"
        eml.write_bytes(LETTER % 1)
        mbox = self.path / "mbox"
        mbox.write_bytes(b"".join(b"From x Thu Jan  1 00:00:00 2026\n" + LETTER % n + b">From quoted\n\n" for n in range(2, 5)))
        maildir = self.path / "Maildir"
        for name in ("new", "cur", "tmp"):
            (maildir / name).mkdir(parents=True)
        (maildir / "new" / "1.a").write_bytes(LETTER % 5)
        (maildir / "cur" / "2.b:2,S").write_bytes(LETTER % 6)
        done = run_saldo("import", "--mailbox", "me@firm.example", "--json", eml, mbox, maildir, state=self.state)
        self.assertEqual(json.loads(done.stdout), {"messages": 6, "refused": 0})

    def test_import_names_what_it_refuses(self):
        self.init()
        folder = self.path / "mails"
        folder.mkdir()
        (folder / "good.eml").write_bytes(LETTER % 1)
        (folder / "empty.eml").write_bytes(b"")
        done = run_saldo("import", "--mailbox", "me@firm.example", "--json", folder, state=self.state, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stdout), {"messages": 1, "refused": 1})
        self.assertIn("empty.eml", done.stderr.decode())

    def test_import_into_an_unknown_mailbox(self):
        self.init()
        done = run_saldo("import", "--mailbox", "you@firm.example", self.path, state=self.state, check=False)
        self.assertEqual(done.returncode, 1)


class Administration(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().create()

    @classmethod
    def tearDownClass(cls):
        cls.world.done()

    def admin(self, cmdlet):
        return json.loads(self.world.admin(cmdlet).stdout)

    def test_switches_round_trip_as_typed(self):
        self.assertEqual(self.admin("Get-OrganizationConfig")[0]["ConnectorsEnabled"], True)
        for off, on in (("-ConnectorsEnabled:$false", "-ConnectorsEnabled:$true"), ("-connectorsenabled $FALSE", "-ConnectorsEnabled $true"),
                        ("-OutlookPayEnabled $false", "-OutlookPayEnabled")):
            name = "OutlookPayEnabled" if "Pay" in off else "ConnectorsEnabled"
            self.assertEqual(self.admin("Set-OrganizationConfig " + off)[0][name], False)
            self.assertEqual(self.admin("Set-OrganizationConfig " + on)[0][name], True)

    def test_group_switch(self):
        self.assertEqual(self.admin(f"Set-UnifiedGroup -Identity {GROUP} -ConnectorsEnabled:$false"),
                         [{"Identity": GROUP, "ConnectorsEnabled": False}])
        self.admin(f"Set-UnifiedGroup -Identity '{GROUP}' -ConnectorsEnabled:$true")
        self.assertEqual(self.admin(f"Get-UnifiedGroup -Identity {GROUP}")[0]["ConnectorsEnabled"], True)

    def test_no_person_has_a_switch(self):
        done = run_saldo("admin", f"Set-UnifiedGroup -Identity {PAYER} -ConnectorsEnabled:$false", state=self.world.state, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no form for a single person", done.stderr.decode())

    def test_unknown_words_are_named(self):
        for cmdlet, word in (("Set-Everything -Off", "Set-Everything"), ("Set-OrganizationConfig -Nope $true", "Nope"),
                             ("Set-OrganizationConfig -ConnectorsEnabled:maybe", "maybe")):
            done = run_saldo("admin", cmdlet, state=self.world.state, check=False)
            self.assertEqual(done.returncode, 2, cmdlet)
            self.assertIn(word, done.stderr.decode())

    def test_rollout(self):
        self.assertEqual(self.admin("Set-PaymentRollout -Mode listed -People a@x.example,b@x.example")[0]["People"], ["a@x.example", "b@x.example"])
        self.assertEqual(self.admin("Set-PaymentRollout -Add c@x.example -Remove a@x.example")[0]["People"], ["b@x.example", "c@x.example"])
        self.assertEqual(self.admin("Set-PaymentRollout -Mode percent -Percent 25")[0]["Percent"], 25)
        self.assertEqual(self.admin("Set-PaymentRollout -Mode everybody")[0]["Mode"], "everybody")

    def test_company_address(self):
        self.assertEqual(self.admin("Get-OrganizationAddress")[0]["City"], "Warszawa")
        changed = self.admin("Set-OrganizationAddress -City 'Nowy Sącz' -Country pl")[0]
        self.assertEqual((changed["City"], changed["Country"], changed["Line1"]), ("Nowy Sącz", "PL", "ul. Prosta 20"))
        done = run_saldo("admin", "Set-OrganizationAddress -Country Poland", state=self.world.state, check=False)
        self.assertEqual(done.returncode, 2)

    def test_the_audit_log_keeps_who_and_what(self):
        self.admin("Set-OrganizationConfig -SmtpActionableMessagesEnabled:$true")
        rows = self.admin("Search-AdminAuditLog -Parameters SmtpActionableMessagesEnabled")
        self.assertTrue(rows)
        self.assertTrue(rows[0]["Caller"].startswith("cli:"))
        person = rows[0]["Caller"].removeprefix("cli:")
        self.admin(f"Set-UnifiedGroup -Identity {GROUP} -ConnectorsEnabled:$true")
        found = self.admin(f"Search-AdminAuditLog -Cmdlets Set-OrganizationConfig,Set-UnifiedGroup -UserIds {person}")
        self.assertEqual({row["CmdletName"] for row in found}, {"Set-OrganizationConfig", "Set-UnifiedGroup"})
        self.assertEqual(self.admin("Search-AdminAuditLog -Cmdlets Set-OrganizationConfig -UserIds somebody"), [])

    def test_partners(self):
        listed = json.loads(run_saldo("partner", "list", "--json", state=self.world.state).stdout)
        originator = next(p["originator"] for p in listed["partners"] if p["state"] == "approved")
        run_saldo("partner", "suspend", originator, state=self.world.state)
        listed = json.loads(run_saldo("partner", "list", "--json", state=self.world.state).stdout)
        self.assertEqual({p["originator"]: p["state"] for p in listed["partners"]}[originator], "suspended")
        run_saldo("partner", "approve", originator, state=self.world.state)
        self.assertEqual(run_saldo("partner", "approve", "nobody", state=self.world.state, check=False).returncode, 1)

    def test_added_partners_wait_for_approval(self):
        listed = json.loads(run_saldo("partner", "list", "--json", state=self.world.state).stdout)
        partner = next(p for p in listed["partners"] if p["state"] == "approved")
        path = os.path.join(self.world.directory, "again.json")
        with open(path, "w") as file:
            json.dump({"partners": [partner]}, file)
        originator = partner["originator"]
        waiting = ["suspended" if m["state"] == "suspended" else "pending" for m in partner["merchants"]]
        one = next(m["merchant_id"] for m in partner["merchants"] if m["state"] == "approved")
        self.assertIn("pending", run_saldo("partner", "add", path, state=self.world.state).stdout.decode())
        self.assertEqual(self.merchant_states(originator), waiting)
        # Approving the partner says which merchants still wait, and how.
        done = run_saldo("partner", "approve", originator, state=self.world.state).stdout.decode()
        first = f"saldo partner approve {originator} --merchant {one}"
        self.assertIn(first, done)
        self.assertEqual(self.merchant_states(originator), waiting)
        done = run_saldo(*first.split()[1:], state=self.world.state).stdout.decode()
        self.assertNotIn(first, done)
        self.assertIn("approved", self.merchant_states(originator))
        run_saldo("partner", "add", path, state=self.world.state)
        done = run_saldo("partner", "approve", originator, "--all-merchants", state=self.world.state).stdout.decode()
        self.assertNotIn(first, done)
        verified = [bool(m["verified_by"]) for m in partner["merchants"]]
        self.assertEqual(self.merchant_states(originator),
                         ["approved" if state == "pending" and good else state for state, good in zip(waiting, verified)])
        run_saldo("partner", "add", path, "--approve", state=self.world.state)

    def merchant_states(self, originator):
        listed = json.loads(run_saldo("partner", "list", "--json", state=self.world.state).stdout)
        return [m["state"] for p in listed["partners"] if p["originator"] == originator for m in p["merchants"]]

    def test_a_suspended_merchant_stays_suspended(self):
        listed = json.loads(run_saldo("partner", "list", "--json", state=self.world.state).stdout)
        partner, merchant = next((p, m["merchant_id"]) for p in listed["partners"] for m in p["merchants"]
                                 if p["state"] == m["state"] == "approved")
        run_saldo("partner", "suspend", partner["originator"], "--merchant", merchant, state=self.world.state)
        run_saldo("partner", "approve", partner["originator"], "--all-merchants", state=self.world.state)
        self.assertEqual(self.merchant_states(partner["originator"])[[m["merchant_id"] for m in partner["merchants"]].index(merchant)],
                         "suspended")
        run_saldo("partner", "approve", partner["originator"], "--merchant", merchant, state=self.world.state)

    def test_an_unverified_merchant_cannot_be_approved(self):
        listed = json.loads(run_saldo("partner", "list", "--json", state=self.world.state).stdout)
        partner = dict(next(p for p in listed["partners"] if p["merchants"]), originator="unverified", addresses=["a@unverified.example"],
                       domains=["unverified.example"])
        merchant = {"merchant_id": "0190e8a1-3c5e-7b6a-9d0f-2b1c4d5e6f70", "display_id": "0190e8a1-3c5e-7b6a-9d0f-2b1c4d5e6f71",
                    "legal_name": "Nobody Ltd", "state": "pending"}
        path = os.path.join(self.world.directory, "unverified.json")
        with open(path, "w") as file:
            json.dump({"partners": [dict(partner, merchants=[merchant])]}, file)
        run_saldo("partner", "add", path, state=self.world.state)
        named = run_saldo("partner", "approve", "unverified", "--merchant", merchant["merchant_id"], state=self.world.state, check=False)
        self.assertEqual(named.returncode, 1)
        self.assertIn("Nobody Ltd", named.stderr.decode())
        done = run_saldo("partner", "approve", "unverified", "--all-merchants", state=self.world.state)
        self.assertIn("waits: Nobody Ltd; not verified", done.stdout.decode())
        self.assertEqual(self.merchant_states("unverified"), ["pending"])
        run_saldo("partner", "suspend", "unverified", state=self.world.state)

    def test_what_one_partner_has_registered_no_other_can_claim(self):
        listed = json.loads(run_saldo("partner", "list", "--json", state=self.world.state).stdout)
        partner = next(p for p in listed["partners"] if p["addresses"])
        path = os.path.join(self.world.directory, "impostor.json")
        with open(path, "w") as file:
            json.dump({"partners": [{**partner, "originator": "impostor", "merchants": []}]}, file)
        done = run_saldo("partner", "add", path, "--approve", state=self.world.state, check=False)
        self.assertEqual(done.returncode, 1)
        for word in ("impostor", partner["originator"], partner["addresses"][0]):
            self.assertIn(word, done.stderr.decode())
        self.assertNotIn("impostor", run_saldo("partner", "list", state=self.world.state).stdout.decode())


tap.main()
