"""A real Saldo world on loopback for tests: state directory, sandbox, server, LMTP and HTTP clients."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
import uuid

BUILD = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else os.environ.get("SALDO_BUILD", "build")).resolve()
SOURCE = pathlib.Path(__file__).resolve().parent.parent
SALDO = BUILD / "saldo"
SANDBOX = BUILD / "saldo-sandbox"
PASSWORD = "saldo-demo"
PAYER = "anna@demo.example"
GROUP = "invoices@demo.example"
# Sanitized programs on a busy machine: everything waits this many times longer.
PATIENCE = float(os.environ.get("SALDO_TEST_PATIENCE", "1"))


def free_ports(count):
    """Consecutive free ports on loopback, well below the kernel's own range."""
    for first in range(20000 + os.getpid() % 5000, 32000, count):
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    listener = stack.enter_context(socket.socket())
                    listener.bind(("127.0.0.1", port))
                return first
            except OSError:
                continue
    raise RuntimeError("no free ports")


def wait_for(condition, seconds=15, what="condition"):
    """Polls until `condition()` is truthy and returns that value."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds * PATIENCE:.0f} s for {what}")
        time.sleep(0.05)


def port_answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run_saldo(*arguments, state=None, stdin=None, check=True):
    command = [str(SALDO), *map(str, arguments)]
    if state is not None:
        command += ["--state", str(state)]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=60 * PATIENCE)
    if check and done.returncode != 0:
        raise AssertionError(f"{command} exited {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done


class Problem(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.code = body.get("code") if isinstance(body, dict) else None


class Browser:
    """An API client with a session, as the web app is one."""

    def __init__(self, port, login=PAYER, password=PASSWORD):
        self.port = port
        self.cookie = None
        self.csrf = None
        if login:
            self.csrf = self.call("POST", "/v1/session", {"login": login, "password": password})["csrf"]

    def raw(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40 * PATIENCE)
        with contextlib.closing(connection):
            all_headers = {"Origin": f"http://127.0.0.1:{self.port}"}
            if self.cookie:
                all_headers["Cookie"] = self.cookie
            if self.csrf and method != "GET":
                all_headers["X-CSRF-Token"] = self.csrf
            if body is not None and not isinstance(body, bytes):
                body = json.dumps(body).encode()
                all_headers["Content-Type"] = "application/json"
            all_headers.update(headers or {})
            connection.request(method, path, body, all_headers)
            response = connection.getresponse()
            data = response.read()
            for value in response.headers.get_all("Set-Cookie") or []:
                self.cookie = value.split(";")[0]
            return response.status, response.headers, data

    def call(self, method, path, body=None, headers=None):
        status, _, data = self.raw(method, path, body, headers)
        parsed = json.loads(data) if data else None
        if status >= 400:
            raise Problem(status, parsed)
        return parsed

    def messages(self, folder="inbox"):
        items, cursor = [], None
        while True:
            page = self.call("GET", f"/v1/messages?limit=200&folder={folder}" + (f"&cursor={cursor}" if cursor else ""))
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items

    def message_with(self, text):
        """The newest message whose subject or sender holds `text`."""
        for item in self.messages():
            if text in (item["subject"] or "") or text in (item["from_address"] or ""):
                return self.call("GET", f"/v1/messages/{item['id']}")
        raise AssertionError(f"no message with {text!r}")

    def payment(self, payment_id):
        return self.call("GET", f"/v1/payments/{payment_id}")

    def wait_payment(self, payment_id, wanted, seconds=40):
        def look():
            payment = self.payment(payment_id)
            return payment if wanted(payment) else None
        return wait_for(look, seconds, f"payment {payment_id}")


class World:
    """A demo state with its own ports; `start` runs sandbox and server, `kill` ends the server the hard way."""

    def __init__(self, conf=None):
        self.directory = tempfile.mkdtemp(prefix="saldo-test-")
        self.state = os.path.join(self.directory, "state")
        self.port = free_ports(3)
        self.sandbox_port = self.port + 1
        self.lmtp_port = self.port + 2
        self.log = open(os.path.join(self.directory, "log"), "ab")
        self.process = None
        self.sandbox = None
        self.conf = conf

    # The first start goes through `saldo demo`, as a newcomer's does; later ones through `saldo serve`.
    def create(self):
        demo = subprocess.Popen([str(SALDO), "demo", "--port", str(self.port), "--state", self.state],
                                stdout=subprocess.PIPE, stderr=self.log)
        try:
            line = b""
            while b"Password" not in line:
                line = demo.stdout.readline()
                if not line:
                    raise AssertionError("saldo demo ended: " + self.read_log())
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.stdout.read()
            demo.wait(60 * PATIENCE)
            demo.stdout.close()
        if self.conf:
            with open(os.path.join(self.state, "saldo.conf"), "a") as file:
                file.write(self.conf)
        return self

    def start(self):
        self.start_sandbox()
        self.start_server()
        return self

    def start_sandbox(self):
        self.sandbox = subprocess.Popen(
            [str(SANDBOX), "serve", "--listen", f"127.0.0.1:{self.sandbox_port}", "--state", os.path.join(self.state, "sandbox"),
             "--trust-issuer", f"http://127.0.0.1:{self.port}"], stdout=self.log, stderr=self.log)
        wait_for(lambda: port_answers(self.sandbox_port), what="saldo-sandbox")

    def start_server(self):
        self.process = subprocess.Popen([str(SALDO), "serve", "--state", self.state], stdout=self.log, stderr=self.log)

        def ready():
            if self.process.poll() is not None:
                raise AssertionError("saldo serve ended: " + self.read_log())
            return port_answers(self.port) and port_answers(self.lmtp_port)
        wait_for(ready, what="saldo serve")

    def kill_server(self):
        self.process.kill()
        self.process.wait()
        wait_for(lambda: not port_answers(self.port), what="the port to be free")

    def stop(self):
        for process in (self.process, self.sandbox):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(60 * PATIENCE)
        self.process = self.sandbox = None

    def done(self):
        self.stop()
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def read_log(self):
        with open(os.path.join(self.directory, "log"), errors="replace") as file:
            return file.read()[-4000:]

    def children(self, name):
        """Pids of the server's helper processes with this program name, parents first."""
        listed = subprocess.run(["pgrep", "-P", str(self.process.pid), name[:15]], capture_output=True, text=True).stdout
        return [int(pid) for pid in listed.split()]

    def samples(self):
        return pathlib.Path(self.state) / "samples"

    def sample(self, name):
        return (self.samples() / "mail" / name).read_bytes()

    def more_invoices(self):
        """Lets the billers send the payable samples once more, as new invoices."""
        directory = pathlib.Path(tempfile.mkdtemp(dir=self.directory, prefix="samples-"))
        subprocess.run([SANDBOX, "samples", directory, "--recipient", PAYER, "--base-url", f"http://127.0.0.1:{self.sandbox_port}",
                        "--state", os.path.join(self.state, "sandbox")], check=True, capture_output=True)
        for path in sorted((directory / "mail").glob("northwind-*.eml")) + sorted((directory / "mail").glob("ledgerly-*.eml")):
            (code, text), = self.deliver(path.read_bytes())
            assert code == 250, text

    def fresh_invoice(self, payer):
        """An invoice that nobody paid and that carries no fault of its own; the billers send new ones when none is left."""
        def untouched():
            bills = {b["number"]: b for b in self.sandbox_call("GET", "/admin/invoices")["invoices"]}
            faulty = {f.get("invoice") for f in self.sandbox_call("GET", "/admin/faults")["faults"]}
            return [i for i in payer.payable().values() if not bills[i["number"]]["paid"] and i["number"] not in faulty]
        if not untouched():
            self.more_invoices()
        return untouched()[0]

    def admin(self, cmdlet):
        return run_saldo("admin", "--json", cmdlet, state=self.state)

    def browser(self, login=PAYER):
        return Browser(self.port, login)

    def lmtp(self):
        client = smtplib.LMTP("127.0.0.1", self.lmtp_port, local_hostname="test.example", timeout=60 * PATIENCE)
        client.ehlo_or_helo_if_needed()
        return client

    def deliver(self, raw, recipients=(PAYER,), sender="", client_ip="127.0.0.1", helo="test.example"):
        """Delivers bytes by BDAT and returns the reply codes, one per recipient."""
        client = self.lmtp()
        try:
            client.docmd("XFORWARD", f"ADDR={client_ip} HELO={helo}")
            client.docmd("MAIL", f"FROM:<{sender}>")
            for recipient in recipients:
                client.docmd("RCPT", f"TO:<{recipient}>")
            client.send(b"BDAT %d LAST\r\n" % len(raw) + raw)
            return [client.getreply() for _ in recipients]
        finally:
            client.close()

    def sandbox_call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.sandbox_port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"})
            response = connection.getresponse()
            data = response.read()
            assert response.status < 400, (response.status, data)
            return json.loads(data) if data else None

    def charges(self):
        return self.sandbox_call("GET", "/admin/charges")


def new_key():
    return str(uuid.uuid4())


class Payer(Browser):
    """A browser that also does what the /pay/ frame does: seals card and code, and pays."""

    def seal(self, processor, plain):
        keys = self.call("GET", f"/v1/processors/{processor}/keys")
        done = subprocess.run(["node", str(SOURCE / "tests" / "seal.mjs")], input=json.dumps({"keys": keys, "plain": plain}),
                              capture_output=True, text=True, check=True)
        return done.stdout

    def add_card(self, number="4242424242424242", brand="visa", expiry="12/30", processor="sandbox"):
        sealed = self.seal(processor, {"number": number, "expiry": expiry, "holder": "Anna Nowak"})
        return self.call("POST", "/v1/cards", {"processor": processor, "card": sealed, "brand": brand, "last4": number[-4:],
                                               "expiry": expiry, "holder": "Anna Nowak", "make_default": True},
                         {"Idempotency-Key": new_key()})

    def review(self, invoice_id):
        return self.call("POST", f"/v1/invoices/{invoice_id}/review")

    def order(self, review, card, code="123"):
        return {"invoice_id": review["invoice_id"], "card_id": card["id"], "amount": review["amount"], "payee": review["payee"],
                "invoice_number": review["invoice_number"], "request_id": review["request_id"],
                "security_code": self.seal(review["processor"], {"code": code, "nonce": new_key()})}

    def pay(self, order, key=None):
        return self.call("POST", "/v1/payments", order, {"Idempotency-Key": key or new_key()})

    def payable(self):
        """Invoice ids of the cards in To pay, oldest first, each once."""
        found = {}
        for item in reversed(self.messages("to_pay")):
            if item["verdict_kind"] == "card" and item["invoice"] and item["invoice"]["state"] in ("due", "past_due"):
                found[item["invoice"]["id"]] = item["invoice"]
        return found


def final(payment):
    return payment["is_final"] or payment["is_paid"]
