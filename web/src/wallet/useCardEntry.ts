// Entering a card: the frame's answer and the billing address become one saved card, or a list of what to correct.

import { useRef, useState } from "react";
import { problemText } from "../api/problem";
import { useAddCard, usePutBilling, useWallet } from "../api/queries";
import type { Billing, Card } from "../api/types";
import { fieldLabel } from "../pay/words";
import type { PayFrameHandle } from "../payframe/PayFrame";
import type { FieldName } from "../payframe/protocol";
import { alarm } from "../shell/announce";
import { useText } from "../text/catalogue";
import { billingInputId } from "./BillingFields";
import { BILLING_FIELDS, type BillingErrors, billingErrors, emptyBilling, trimmed } from "./billing";

export interface FieldToCorrect {
  key: string;
  label: string;
  focus: () => void;
}

export function useCardEntry(accountName: string, processor: string, onSaved: (card: Card) => void) {
  const { t, language } = useText();
  const { data: wallet } = useWallet();
  const addCard = useAddCard();
  const putBilling = usePutBilling();
  const frame = useRef<PayFrameHandle>(null);
  const [typedBilling, setTypedBilling] = useState<Billing | null>(null);
  const [sameAsCompany, setSameAsCompany] = useState(true);
  const [errors, setErrors] = useState<BillingErrors>({});
  const [toCorrect, setToCorrect] = useState<FieldToCorrect[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);

  const company = wallet?.company_billing ?? null;
  const known = wallet?.billing ?? null;
  const useCompany = company !== null && sameAsCompany;
  const billing = useCompany ? company : (typedBilling ?? emptyBilling(accountName, language));

  const focusCard = (field: FieldName) => () => frame.current?.focus(field);
  const focusBilling = (field: string) => () => document.getElementById(field)?.focus();

  const check = async () => {
    const answer = (await frame.current?.submit()) ?? { kind: "failed" as const, signedOut: false };
    const wrong = known !== null || useCompany ? {} : billingErrors(billing);
    setErrors(wrong);
    const cardFields = answer.kind === "errors" ? answer.errors : [];
    const list = [
      ...cardFields.map(({ field }) => ({ key: field, label: fieldLabel(language, field), focus: focusCard(field) })),
      ...BILLING_FIELDS.filter(({ field }) => wrong[field] !== undefined).map(({ field, label }) => ({
        key: `billing ${field}`,
        label: t(label),
        focus: focusBilling(billingInputId(field)),
      })),
    ];
    setToCorrect(list);
    list[0]?.focus();
    if (answer.kind === "failed" && !answer.signedOut) fail(t("problem.keys_unavailable"));
    return answer.kind === "card" && list.length === 0 ? answer.card : null;
  };

  const fail = (text: string) => {
    setProblem(text);
    alarm(text);
  };

  const save = async () => {
    if (saving) return;
    setSaving(true);
    setProblem(null);
    try {
      const sealed = await check();
      if (sealed === null) return;
      if (known === null) await putBilling.mutateAsync(trimmed(billing));
      const { jwe, ...facts } = sealed;
      const card = await addCard.mutateAsync({
        card: { processor, card: jwe, ...facts, make_default: wallet?.cards.length === 0 },
        key: crypto.randomUUID(),
      });
      frame.current?.clear();
      onSaved(card);
    } catch (error) {
      fail(problemText(error, t));
    } finally {
      setSaving(false);
    }
  };

  return {
    frame,
    wallet,
    needsBilling: wallet !== undefined && known === null,
    company,
    sameAsCompany,
    setSameAsCompany,
    billing,
    setBilling: setTypedBilling,
    errors,
    toCorrect,
    problem,
    saving,
    save,
  };
}

export type CardEntry = ReturnType<typeof useCardEntry>;
