"""kill -9 in mid-flow of the engine, the jail and the vault: no message lost, no payment lost, no double charge
[PAY-003] [PAY-004] [PAY-005]."""

import os
import random
import signal
import threading
import time
import unittest

import tap
from world import PAYER, Payer, World, final, new_key, wait_for

SEED = int(os.environ.get("SALDO_TEST_SEED", time.time_ns() % 1_000_000))
LETTER = b"From: a@plain.example\r\nTo: anna@demo.example\r\nSubject: crash %d\r\n\r\nHello\r\n"


class Crash(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print(f"# SALDO_TEST_SEED={SEED}", flush=True)
        cls.random = random.Random(SEED)
        cls.world = World().create().start()

    @classmethod
    def tearDownClass(cls):
        cls.world.done()

    def setUp(self):
        self.world.sandbox_call("DELETE", "/admin/faults")

    def deliver_until(self, stopped, accepted, numbers):
        """Delivers letters on one connection after the other; notes each number that was answered 250."""
        while not stopped.is_set():
            number = next(numbers)
            try:
                (code, _), = self.world.deliver(LETTER % number)
            except Exception:  # the server is gone or going: the mail server would come again
                time.sleep(0.05)
                continue
            if code == 250:
                accepted.append(number)

    def with_deliveries(self, harm):
        """Runs `harm()` while four clients deliver; returns the numbers that were answered 250."""
        stopped, accepted, numbers = threading.Event(), [], iter(range(self.random.randrange(1, 10**6) * 10000, 10**12))
        lock = threading.Lock()

        class Shared:
            def __next__(self):
                with lock:
                    return next(numbers)
        threads = [threading.Thread(target=self.deliver_until, args=(stopped, accepted, Shared())) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            harm()
        finally:
            stopped.set()
            for thread in threads:
                thread.join()
        return accepted

    def stored_numbers(self):
        subjects = [m["subject"] or "" for m in self.world.browser().messages()]
        return [int(s.removeprefix("crash ")) for s in subjects if s.startswith("crash ")]

    def test_engine_killed_while_mail_arrives(self):
        def harm():
            for _ in range(3):
                time.sleep(self.random.uniform(0.3, 0.8))
                self.world.kill_server()
                self.world.start_server()
            time.sleep(0.3)
        accepted = self.with_deliveries(harm)
        self.assertGreater(len(accepted), 10)
        self.assertEqual(set(accepted) - set(self.stored_numbers()), set(), "a message was answered 250 and lost")

    def test_jail_killed_while_mail_arrives(self):
        def harm():
            for _ in range(4):
                time.sleep(self.random.uniform(0.1, 0.4))
                for pid in self.world.children("saldo-jail"):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.5)
        accepted = self.with_deliveries(harm)
        self.assertIsNone(self.world.process.poll(), "the engine must go on")
        self.assertGreater(len(accepted), 10)
        stored = self.stored_numbers()
        self.assertEqual(set(accepted) - set(stored), set())
        (code, _), = self.world.deliver(LETTER % 1)
        self.assertEqual(code, 250)

    def charges_of(self, payment_id):
        return self.world.charges()["by_payment"].get(payment_id, 0)

    def settle(self, payer, payment_id):
        """Follows a payment to its end, pressing *Check now* while its outcome is unknown."""
        def look():
            payment = payer.payment(payment_id)
            if payment["state"] == "unknown":
                payer.call("POST", f"/v1/payments/{payment_id}/check")
            return payment if final(payment) else None
        return wait_for(look, 60, f"payment {payment_id} to end")

    def check_books(self, payment):
        """What the payer is told is what the sandbox charged."""
        self.assertEqual(self.charges_of(payment["id"]), 1 if payment["is_paid"] else 0, payment)

    def test_engine_killed_while_paying(self):
        payer = Payer(self.world.port)
        card = payer.add_card()
        for index in range(9):
            payer = Payer(self.world.port)
            review = payer.review(self.world.fresh_invoice(payer)["id"])
            point = ("biller.complete.before", "biller.complete.after", "processor.token.before")[index % 3]
            self.world.sandbox_call("POST", "/admin/faults", {"point": point, "kind": "delay", "count": 1, "delay_ms": 700})
            key, order = new_key(), payer.order(review, card)
            payment = payer.pay(order, key)
            time.sleep(self.random.uniform(0, 1.2))
            self.world.kill_server()
            self.world.sandbox_call("DELETE", "/admin/faults")
            self.world.start_server()
            payer = Payer(self.world.port)
            again = payer.pay(order, key)
            self.assertEqual(again["id"], payment["id"], "the same key finds the same payment")
            ended = self.settle(payer, payment["id"])
            self.check_books(ended)

    def test_vault_killed_while_paying(self):
        payer = Payer(self.world.port)
        card = payer.add_card()
        invoice_id = self.world.fresh_invoice(payer)["id"]
        review = payer.review(invoice_id)
        self.world.sandbox_call("POST", "/admin/faults", {"point": "processor.token.before", "kind": "delay", "count": 1, "delay_ms": 700})
        payment = payer.pay(payer.order(review, card))
        time.sleep(self.random.uniform(0, 0.6))
        for pid in self.world.children("saldo-vault"):
            os.kill(pid, signal.SIGKILL)
        ended = self.settle(payer, payment["id"])
        self.check_books(ended)
        self.assertIsNone(self.world.process.poll(), "the engine must go on")
        # The records survive their keeper: the same card pays the next invoice, or this one again.
        if not ended["is_paid"]:
            review = payer.review(invoice_id)
            ended = self.settle(payer, payer.pay(payer.order(review, card))["id"])
            self.check_books(ended)
            self.assertTrue(ended["is_paid"], ended)


tap.main()
