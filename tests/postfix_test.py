"""A real Postfix, with its own queue and ports, hands one message over LMTP; the verdict is as for any other."""

import os
import pathlib
import pwd
import shutil
import smtplib
import subprocess
import tempfile
import unittest

import tap
from world import PAYER, World, free_ports, port_answers, wait_for

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
mail_owner = postfix
setgid_group = postdrop
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mx.demo.example
mydestination = demo.example
local_recipient_maps =
alias_maps =
alias_database =
mailbox_transport =
local_transport = lmtp:inet:127.0.0.1:{lmtp}
lmtp_send_xforward_command = yes
message_size_limit = 41943040
maillog_file = {log}
maillog_file_prefixes = {directory}
smtpd_authorized_xforward_hosts =
"""

MASTER_CF = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    def __init__(self, lmtp_port):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="saldo-postfix-"))
        self.port = free_ports(1)
        self.directory.chmod(0o755)
        for name in ("queue", "data", "conf"):
            (self.directory / name).mkdir(mode=0o755)
        owner = pwd.getpwnam("postfix")
        os.chown(self.directory / "data", owner.pw_uid, owner.pw_gid)
        values = {"queue": self.directory / "queue", "data": self.directory / "data", "lmtp": lmtp_port, "directory": self.directory,
                  "log": self.directory / "log", "port": self.port}
        (self.directory / "conf" / "main.cf").write_text(MAIN_CF.format(**values))
        (self.directory / "conf" / "master.cf").write_text(MASTER_CF.format(**values))

    def command(self, *arguments):
        subprocess.run(["/usr/sbin/postfix", "-c", str(self.directory / "conf"), *arguments], check=True, capture_output=True)

    def start(self):
        self.command("start")
        wait_for(lambda: port_answers(self.port), what="Postfix")

    def log(self):
        path = self.directory / "log"
        return path.read_text(errors="replace") if path.exists() else "(no log)"

    def done(self):
        subprocess.run(["/usr/sbin/postfix", "-c", str(self.directory / "conf"), "stop"], capture_output=True)
        shutil.rmtree(self.directory, ignore_errors=True)


@unittest.skipUnless(os.getuid() == 0, "Postfix starts only as root")
class Delivery(unittest.TestCase):
    def test_postfix_hands_a_signed_invoice_over(self):
        world = World().create()
        self.addCleanup(world.done)
        world.start()
        postfix = Postfix(world.lmtp_port)
        self.addCleanup(postfix.done)
        postfix.start()
        name = next(path.name for path in sorted((world.samples() / "mail").glob("northwind*.eml")))
        before = len(world.browser().messages())
        with smtplib.SMTP("127.0.0.1", postfix.port, local_hostname="mail.northwind-energy.example") as client:
            client.sendmail("billing@northwind-energy.example", [PAYER], world.sample(name))
        try:
            wait_for(lambda: len(world.browser().messages()) == before + 1, 30, "the message")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{postfix.log()}") from None
        newest = world.browser().messages()[0]
        self.assertEqual(newest["verdict_kind"], "card")
        message = world.browser().call("GET", f"/v1/messages/{newest['id']}")
        self.assertEqual(message["authentication"]["dmarc"]["result"], "pass")
        # The client's address came through XFORWARD, so SPF could be asked at all.
        self.assertEqual(message["authentication"]["spf"]["result"], "pass", message["authentication"]["spf"])


tap.main()
