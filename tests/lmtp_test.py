"""The LMTP server, spoken to byte by byte: RFC 2033, pipelining, chunking, limits, and nothing lost."""

import os
import socket
import unittest

import tap
from world import PAYER, PATIENCE, World


class Wire:
    """A raw connection: sends bytes, reads reply lines."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30 * PATIENCE)
        self.file = self.socket.makefile("rb")

    def reply(self):
        """The next reply as (code, [lines])."""
        lines = []
        while True:
            line = self.file.readline().decode()
            if not line:
                return None, lines
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return int(line[:3]), lines

    def say(self, line):
        self.socket.sendall(line if isinstance(line, bytes) else line.encode() + b"\r\n")
        return self.reply()

    def begin(self, recipients=(PAYER,)):
        self.reply()
        self.say("LHLO test.example")
        self.say("MAIL FROM:<>")
        for recipient in recipients:
            self.say(f"RCPT TO:<{recipient}>")

    def close(self):
        self.file.close()
        self.socket.close()


LETTER = b"From: a@plain.example\r\nTo: anna@demo.example\r\nSubject: %s\r\n\r\nHello\r\n"


class Lmtp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(conf="\n[lmtp]\nmessage_bytes = 1048576\nconnections = 8\n").create().start()

    @classmethod
    def tearDownClass(cls):
        cls.world.done()

    def setUp(self):
        self.wire = Wire(self.world.lmtp_port)
        self.addCleanup(self.wire.close)

    def subjects(self):
        return [m["subject"] for m in self.world.browser().messages()]

    def test_greeting_names_every_extension(self):
        self.assertEqual(self.wire.reply()[0], 220)
        code, lines = self.wire.say("LHLO test.example")
        self.assertEqual(code, 250)
        words = {line[4:].split()[0] for line in lines[1:]}
        self.assertEqual(words, {"PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "ENHANCEDSTATUSCODES", "XFORWARD", "SIZE"})

    def test_helo_is_refused(self):
        self.wire.reply()
        self.assertEqual(self.wire.say("EHLO test.example")[0], 500)

    def test_out_of_order_commands(self):
        self.wire.reply()
        for line in ("MAIL FROM:<a@b>", "RCPT TO:<a@b>", "DATA"):
            self.assertEqual(self.wire.say(line)[0], 503, line)
        self.wire.say("LHLO t")
        self.assertEqual(self.wire.say("RCPT TO:<a@b>")[0], 503)
        self.assertEqual(self.wire.say("MAIL FROM:<a@b>")[0], 250)
        self.assertEqual(self.wire.say("MAIL FROM:<a@b>")[0], 503)
        self.assertEqual(self.wire.say("DATA")[0], 503)
        self.assertEqual(self.wire.say("FROBNICATE")[0], 500)

    def test_a_reply_per_recipient(self):
        self.wire.reply()
        self.wire.say("LHLO t")
        self.wire.say("MAIL FROM:<>")
        self.assertEqual(self.wire.say(f"RCPT TO:<{PAYER}>")[0], 250)
        self.assertEqual(self.wire.say("RCPT TO:<nobody@demo.example>")[0], 550)
        self.assertEqual(self.wire.say("RCPT TO:<anna+bills@demo.example>")[0], 250)
        self.assertEqual(self.wire.say("DATA")[0], 354)
        self.wire.socket.sendall(LETTER % b"two replies" + b".\r\n")
        self.assertEqual([self.wire.reply()[0], self.wire.reply()[0]], [250, 250])
        self.assertEqual(self.subjects().count("two replies"), 1, "one mailbox, one copy")

    def test_pipelined_transaction_in_one_write(self):
        self.wire.reply()
        self.wire.socket.sendall(b"LHLO t\r\nMAIL FROM:<> BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<anna@demo.example>\r\nDATA\r\n")
        self.assertEqual([self.wire.reply()[0] for _ in range(4)], [250, 250, 250, 354])
        self.wire.socket.sendall(LETTER % b"pipelined" + b".\r\nNOOP\r\nQUIT\r\n")
        self.assertEqual([self.wire.reply()[0] for _ in range(3)], [250, 250, 221])
        self.assertIn("pipelined", self.subjects())

    def test_dots_are_unstuffed_and_only_crlf_ends_data(self):
        self.wire.begin()
        self.wire.say("DATA")
        body = b"From: a@plain.example\r\nSubject: dots\r\n\r\n..one\r\n\n.\nnot the end\r\n.\n still not\r\n.\r\n"
        self.assertEqual(self.wire.say(body)[0], 250)
        browser = self.world.browser()
        message = browser.message_with("dots")
        self.assertIn("not the end", message["preview"])
        self.assertIn("still not", message["preview"])

    def test_chunking(self):
        letter = LETTER % b"in chunks"
        self.wire.begin()
        self.assertEqual(self.wire.say(b"BDAT 20\r\n" + letter[:20])[0], 250)
        self.assertEqual(self.wire.say("DATA")[0], 503)
        self.assertEqual(self.wire.say(b"BDAT %d LAST\r\n" % (len(letter) - 20) + letter[20:])[0], 250)
        self.assertIn("in chunks", self.subjects())

    def test_bdat_without_transaction_swallows_its_bytes(self):
        self.wire.reply()
        self.wire.say("LHLO t")
        self.assertEqual(self.wire.say(b"BDAT 6 LAST\r\nQUIT\r\n")[0], 503)
        self.assertEqual(self.wire.say("NOOP")[0], 250)

    def test_xforward_takes_addresses_alone(self):
        self.wire.reply()
        self.wire.say("LHLO t")
        for good in ("ADDR=192.0.2.1 HELO=a.example", "ADDR=IPV6:2001:db8::1", "ADDR=[UNAVAILABLE] PORT=25 PROTO=ESMTP SOURCE=REMOTE NAME=x"):
            self.assertEqual(self.wire.say("XFORWARD " + good)[0], 250, good)
        for bad in ("ADDR=999.1.1.1", "NIX=1", "ADDR", "ADDR=IPV6:192.0.2.1"):
            self.assertEqual(self.wire.say("XFORWARD " + bad)[0], 501, bad)

    def test_declared_size_over_the_limit(self):
        self.wire.reply()
        self.wire.say("LHLO t")
        code, lines = self.wire.say("MAIL FROM:<> SIZE=99999999")
        self.assertEqual(code, 552)
        self.assertIn("5.3.4", lines[0])

    def test_real_size_over_the_limit(self):
        self.wire.begin()
        self.wire.say("DATA")
        block = b"x" * 76 + b"\r\n"
        for _ in range(20000):
            self.wire.socket.sendall(block)
        self.assertEqual(self.wire.say(b".\r\n")[0], 552)
        self.assertEqual(self.wire.say("NOOP")[0], 250)

    def test_endless_command_line(self):
        self.wire.reply()
        self.assertEqual(self.wire.say(b"NOOP " + b"x" * 100000 + b"\r\n")[0], 500)
        self.assertEqual(self.wire.say("NOOP")[0], 250)

    def test_too_many_errors_end_the_talk(self):
        self.wire.reply()
        codes = [self.wire.say("WHAT")[0] for _ in range(19)]
        self.assertEqual(set(codes), {500})
        self.wire.say("WHAT")
        self.assertEqual(self.wire.reply()[0], 421)

    def test_too_many_connections_are_told_to_come_again(self):
        crowd = [Wire(self.world.lmtp_port) for _ in range(12)]
        codes = [wire.reply()[0] for wire in crowd]
        for wire in crowd:
            wire.close()
        self.assertIn(421, codes)
        self.assertIn(220, codes)

    def test_broken_off_data_stores_nothing(self):
        self.wire.begin()
        self.wire.say("DATA")
        self.wire.socket.sendall(LETTER % b"half a letter")
        self.wire.close()
        self.assertNotIn("half a letter", self.subjects())

    def test_hostile_bytes_are_stored_and_named(self):
        letters = {
            "nul": b"From: a@plain.example\r\nSubject: hostile nul\r\n\r\na\x00b\r\n",
            "eight bit": b"From: \xff\xfe@plain.example\r\nSubject: hostile eight \xe9\xff\r\n\r\n\x80\x81\r\n",
            "no header": b"\r\nhostile nothing\r\n",
            "endless line": b"From: a@plain.example\r\nSubject: hostile long\r\n\r\n" + b"y" * 900000 + b"\r\n",
            "empty": b"",
        }
        for name, letter in letters.items():
            with self.subTest(name):
                (code, text), = self.world.deliver(letter)
                self.assertEqual(code, 250, text)
        self.assertIn("hostile nul", self.subjects())
        self.assertIn("hostile long", self.subjects())

    def test_network_address_is_refused(self):
        from world import run_saldo
        conf = os.path.join(self.world.state, "saldo.conf")
        other = os.path.join(self.world.directory, "other")
        os.makedirs(other, exist_ok=True)
        with open(conf) as file:
            text = file.read()
        with open(os.path.join(other, "saldo.conf"), "w") as file:
            file.write(text + "\n[lmtp]\naddress = 0.0.0.0:2424\n")
        done = run_saldo("serve", state=other, check=False)
        self.assertEqual(done.returncode, 1)


tap.main()
