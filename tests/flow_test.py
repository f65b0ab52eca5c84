"""The main job through the API, against the real sandbox: success, decline, already paid, biller down, answer lost, double
click, two tabs, the same invoice mailed twice, switches turned while a card is open
[PAY-002] [PAY-003] [PAY-006] [PAY-007] [PAY-009] [PAY-013] [AUTH-001]."""

import json
import pathlib
import threading
import unittest

import tap
from world import GROUP, PAYER, Payer, Problem, World, final, new_key, run_saldo, wait_for


class Flow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().create().start()
        cls.payer = Payer(cls.world.port)
        cls.card = cls.payer.add_card()

    @classmethod
    def tearDownClass(cls):
        cls.world.done()

    def setUp(self):
        self.world.sandbox_call("DELETE", "/admin/faults")

    def fresh_invoice(self):
        return self.world.fresh_invoice(self.payer)

    def message_of(self, invoice):
        return next(m for m in self.payer.messages("to_pay")
                    if m["invoice"]["id"] == invoice["id"] and m["mailbox_address"] == PAYER)

    def raw_of(self, invoice):
        """The mail as it came, for sending it again."""
        for path in sorted(pathlib.Path(self.world.directory).glob("**/mail/*.eml")):
            raw = path.read_bytes()
            if invoice["number"].encode() in raw and path.name.startswith(("northwind-", "ledgerly-")):
                return raw
        self.fail(f"no sample holds {invoice['number']}")

    def fault(self, **fault):
        self.world.sandbox_call("POST", "/admin/faults", {"count": 1, **fault})

    def charges(self, payment):
        return self.world.charges()["by_payment"].get(payment["id"], 0)

    def settle(self, payment):
        def look():
            now = self.payer.payment(payment["id"])
            if now["state"] == "unknown":
                self.payer.call("POST", f"/v1/payments/{payment['id']}/check")
            return now if final(now) else None
        return wait_for(look, 60, "the payment to end")

    def test_success_leaves_paid_state_and_receipt_with_the_mail(self):
        invoice = self.fresh_invoice()
        review = self.payer.review(invoice["id"])
        self.assertFalse(review["already_paid"])
        paid = self.settle(self.payer.pay(self.payer.order(review, self.card)))
        self.assertTrue(paid["is_paid"], paid)
        self.assertEqual(self.charges(paid), 1)
        message = next(m for m in self.payer.messages("paid") if m["invoice"]["id"] == invoice["id"])
        card = self.payer.call("GET", f"/v1/messages/{message['id']}")["card"]
        self.assertEqual(card["state"], "complete")
        self.assertTrue(card["confirmation_number"])
        for language in ("en", "pl"):
            status, headers, pdf = self.payer.raw("GET", f"/v1/payments/{paid['id']}/receipt?language={language}")
            self.assertEqual((status, headers["Content-Type"]), (200, "application/pdf"))
            self.assertTrue(pdf.startswith(b"%PDF-"))
        again = self.payer.pay(self.payer.order(review, self.card))
        self.assertEqual((again["id"], self.charges(paid)), (paid["id"], 1), "paid is paid")

    def test_full_invoice_is_shown_inside(self):
        invoice = self.fresh_invoice()
        status, _, pdf = self.payer.raw("GET", f"/v1/invoices/{invoice['id']}/document")
        self.assertEqual((status, pdf[:5]), (200, b"%PDF-"), "before anybody reviewed it")
        self.assertTrue(self.payer.review(invoice["id"])["has_document"])
        status, headers, pdf = self.payer.raw("GET", f"/v1/invoices/{invoice['id']}/document")
        self.assertEqual((status, headers["Content-Type"], pdf[:5]), (200, "application/pdf", b"%PDF-"))

    def test_decline_pays_nothing_and_can_be_tried_again(self):
        invoice = self.fresh_invoice()
        bad = self.payer.add_card(number="4000000000000002")
        declined = self.settle(self.payer.pay(self.payer.order(self.payer.review(invoice["id"]), bad)))
        self.assertEqual((declined["state"], self.charges(declined)), ("declined", 0))
        self.assertEqual(declined["reason_code"], "card_declined")
        paid = self.settle(self.payer.pay(self.payer.order(self.payer.review(invoice["id"]), self.card)))
        self.assertTrue(paid["is_paid"])

    def test_wrong_code_is_named(self):
        invoice = self.fresh_invoice()
        card = self.payer.add_card(number="4000000000000127")
        declined = self.settle(self.payer.pay(self.payer.order(self.payer.review(invoice["id"]), card)))
        self.assertEqual((declined["state"], declined["reason_code"]), ("declined", "incorrect_cvc"))

    def test_already_paid_at_the_biller(self):
        invoice = self.fresh_invoice()
        self.world.sandbox_call("POST", f"/admin/invoices/{invoice['number']}", {"status": "paid"})
        review = self.payer.review(invoice["id"])
        self.assertTrue(review["already_paid"])
        self.assertTrue(review["confirmation_number"])
        self.assertIsNone(review["amount"])

    def test_amount_changed_between_review_and_pay(self):
        invoice = self.fresh_invoice()
        review = self.payer.review(invoice["id"])
        order = self.payer.order(review, self.card)
        major = review["amount"]["minor"] // 100 + 5
        self.world.sandbox_call("POST", f"/admin/invoices/{invoice['number']}",
                                {"amount": {"currency": review["amount"]["currency"], "value": f"{major}.00"}})
        with self.assertRaises(Problem) as refused:
            self.payer.pay(order)
        self.assertEqual((refused.exception.status, refused.exception.code), (409, "consent_void"))
        fresh = refused.exception.body["review"]
        self.assertEqual(fresh["amount"]["minor"], major * 100)
        paid = self.settle(self.payer.pay(self.payer.order(fresh, self.card)))
        self.assertEqual((paid["is_paid"], paid["amount"]["minor"]), (True, major * 100))

    def test_biller_down_at_review(self):
        invoice = self.fresh_invoice()
        self.fault(point="loadentity", kind="down", count=1)
        with self.assertRaises(Problem) as refused:
            self.payer.review(invoice["id"])
        self.assertEqual((refused.exception.status, refused.exception.code), (503, "biller_unavailable"))
        self.assertTrue(refused.exception.body["detail"])

    def test_answer_lost_after_the_charge_is_settled_by_look_up(self):
        invoice = self.fresh_invoice()
        self.fault(point="biller.complete", kind="drop_after")
        payment = self.payer.pay(self.payer.order(self.payer.review(invoice["id"]), self.card))
        unknown = self.payer.wait_payment(payment["id"], lambda p: p["state"] == "unknown" or final(p))
        if unknown["state"] == "unknown":
            review = self.payer.review(invoice["id"])
            self.assertTrue(review["already_paid"] or review["live_payment"]["id"] == payment["id"])
        paid = self.settle(payment)
        self.assertTrue(paid["is_paid"], paid)
        self.assertEqual(self.charges(paid), 1)

    def test_answer_lost_before_the_charge_ends_with_at_most_one(self):
        invoice = self.fresh_invoice()
        self.fault(point="biller.complete", kind="drop_before")
        payment = self.payer.pay(self.payer.order(self.payer.review(invoice["id"]), self.card))
        ended = self.settle(payment)
        self.assertEqual(self.charges(ended), 1 if ended["is_paid"] else 0, ended)

    def race(self, orders_and_keys):
        payments, problems = [], []

        def press(order, key):
            try:
                payments.append(Payer.pay(self.payer, order, key))
            except Problem as problem:
                problems.append(problem)
        threads = [threading.Thread(target=press, args=pair) for pair in orders_and_keys]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return payments, problems

    def test_double_click(self):
        invoice = self.fresh_invoice()
        order, key = self.payer.order(self.payer.review(invoice["id"]), self.card), new_key()
        payments, problems = self.race([(order, key)] * 8)
        self.assertTrue(payments)
        self.assertLessEqual({p.code for p in problems}, {"idempotency_key_running"})
        self.assertEqual(len({p["id"] for p in payments}), 1)
        paid = self.settle(payments[0])
        self.assertEqual(self.world.charges()["by_invoice"].get(invoice["number"]), 1)
        self.assertTrue(paid["is_paid"])

    def test_two_tabs(self):
        invoice = self.fresh_invoice()
        orders = [(self.payer.order(self.payer.review(invoice["id"]), self.card), new_key()) for _ in range(4)]
        payments, problems = self.race(orders)
        self.assertEqual(problems, [])
        self.assertEqual(len({p["id"] for p in payments}), 1)
        self.settle(payments[0])
        self.assertEqual(self.world.charges()["by_invoice"].get(invoice["number"]), 1)

    def test_the_same_invoice_mailed_twice_is_one_invoice(self):
        invoice = self.fresh_invoice()
        (code, _), = self.world.deliver(self.raw_of(invoice))
        self.assertEqual(code, 250)
        newest = self.payer.messages()[0]
        self.assertEqual(newest["invoice"]["id"], invoice["id"])
        self.settle(self.payer.pay(self.payer.order(self.payer.review(invoice["id"]), self.card)))
        again = self.payer.call("GET", f"/v1/messages/{newest['id']}")
        self.assertEqual(again["card"]["state"], "complete")

    def test_switch_closes_open_cards(self):
        invoice = self.fresh_invoice()
        message = self.message_of(invoice)
        review = self.payer.review(invoice["id"])
        order = self.payer.order(review, self.card)
        self.world.admin("Set-OrganizationConfig -ConnectorsEnabled:$false")
        try:
            closed = self.payer.call("GET", f"/v1/messages/{message['id']}")
            self.assertIsNone(closed["card"])
            self.assertIn("ConnectorsEnabled", closed["verdict"]["reasons"][0]["text"])
            for act in (lambda: self.payer.review(invoice["id"]), lambda: self.payer.pay(order)):
                with self.assertRaises(Problem) as refused:
                    act()
                self.assertEqual((refused.exception.status, refused.exception.code), (403, "no_card"))
                self.assertIn("ConnectorsEnabled", refused.exception.body["detail"])
        finally:
            self.world.admin("Set-OrganizationConfig -ConnectorsEnabled:$true")
        self.assertIsNotNone(self.payer.call("GET", f"/v1/messages/{message['id']}")["card"])

    def test_mail_that_came_while_switched_off_gets_its_card_later(self):
        invoice = self.fresh_invoice()
        raw = self.raw_of(invoice)
        self.world.admin("Set-OrganizationConfig -OutlookPayEnabled:$false")
        try:
            self.world.deliver(raw)
        finally:
            self.world.admin("Set-OrganizationConfig -OutlookPayEnabled:$true")
        newest = self.payer.messages()[0]
        card = self.payer.call("GET", f"/v1/messages/{newest['id']}")["card"]
        self.assertIsNotNone(card)
        self.assertEqual(card["invoice_id"], invoice["id"])
        self.assertIn(newest["id"], {m["id"] for m in self.payer.messages("to_pay")})

    def test_group_switch_and_organization_precedence(self):
        invoice = self.fresh_invoice()
        raw = self.raw_of(invoice)
        self.world.deliver(raw, recipients=(GROUP,))
        newest = self.payer.messages()[0]
        self.assertEqual(newest["mailbox_address"], GROUP)

        def kind():
            return self.payer.call("GET", f"/v1/messages/{newest['id']}")["verdict"]["kind"]
        self.assertEqual(kind(), "card")
        self.world.admin(f"Set-UnifiedGroup -Identity {GROUP} -ConnectorsEnabled:$false")
        self.assertEqual(kind(), "plain")
        self.world.admin("Set-OrganizationConfig -ConnectorsEnabled:$false")
        self.world.admin(f"Set-UnifiedGroup -Identity {GROUP} -ConnectorsEnabled:$true")
        self.assertEqual(kind(), "plain", "organization off beats the group")
        self.world.admin("Set-OrganizationConfig -ConnectorsEnabled:$true")
        self.assertEqual(kind(), "card")

    def test_rollout_decides_for_whom_cards_exist(self):
        invoice = self.fresh_invoice()
        message = self.message_of(invoice)

        def kind():
            return self.payer.call("GET", f"/v1/messages/{message['id']}")["verdict"]["kind"]
        try:
            for cmdlet, expected in (("-Mode off", "plain"), ("-Mode listed -People other@demo.example", "plain"), (f"-Add {PAYER}", "card"),
                                     ("-Mode percent -Percent 0", "plain"), ("-Percent 100", "card")):
                self.world.admin("Set-PaymentRollout " + cmdlet)
                self.assertEqual(kind(), expected, cmdlet)
        finally:
            self.world.admin("Set-PaymentRollout -Mode everybody")

    def test_suspended_partner_closes_its_cards(self):
        invoice = self.fresh_invoice()
        message = self.message_of(invoice)
        partners = json.loads(run_saldo("partner", "list", "--json", state=self.world.state).stdout)["partners"]
        for partner in (p for p in partners if p["state"] == "approved"):
            run_saldo("partner", "suspend", partner["originator"], state=self.world.state)
        try:
            closed = self.payer.call("GET", f"/v1/messages/{message['id']}")
            self.assertIsNone(closed["card"])
            with self.assertRaises(Problem) as refused:
                self.payer.review(invoice["id"])
            self.assertEqual(refused.exception.code, "no_card")
        finally:
            for partner in (p for p in partners if p["state"] == "approved"):
                run_saldo("partner", "approve", partner["originator"], state=self.world.state)

    def test_bank_confirmation(self):
        invoice = self.fresh_invoice()
        card = self.payer.add_card(number="4000002500003155")
        payment = self.payer.pay(self.payer.order(self.payer.review(invoice["id"]), card))
        asked = self.payer.wait_payment(payment["id"], lambda p: p["state"] == "action" or final(p))
        self.assertEqual(asked["state"], "action", asked)
        self.assertTrue(asked["action_url"].startswith(f"http://127.0.0.1:{self.world.sandbox_port}/"))


tap.main()
