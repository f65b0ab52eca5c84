// The fields of a billing address.

import { Field, Input, Select } from "@fluentui/react-components";
import { useMemo } from "react";
import type { Billing } from "../api/types";
import { useText } from "../text/catalogue";
import { BILLING_FIELDS, type BillingErrors, type BillingField, countries } from "./billing";
import styles from "./Wallet.module.css";

export const billingInputId = (field: BillingField): string => `billing-${field}`;

interface Props {
  billing: Billing;
  errors: BillingErrors;
  onChange: (billing: Billing) => void;
}

export function BillingFields({ billing, errors, onChange }: Props) {
  const { t, language } = useText();
  const choices = useMemo(() => countries(language), [language]);
  return (
    <div className={styles.billingFields}>
      {BILLING_FIELDS.map(({ field, label, autoComplete, max }) => {
        const error = errors[field];
        return (
          <Field
            key={field}
            className={field === "name" ? undefined : styles[field]}
            label={{ children: t(label), htmlFor: billingInputId(field) }}
            validationMessage={error === undefined ? undefined : t(error)}
          >
            <Input
              className={styles.input}
              id={billingInputId(field)}
              autoComplete={autoComplete}
              maxLength={max}
              value={billing[field]}
              onChange={(_, { value }) => onChange({ ...billing, [field]: value })}
            />
          </Field>
        );
      })}
      <Field className={styles.country} label={{ children: t("billing.country"), htmlFor: billingInputId("country") }}>
        <Select
          id={billingInputId("country")}
          autoComplete="billing country"
          value={billing.country}
          onChange={(_, { value }) => onChange({ ...billing, country: value })}
        >
          {choices.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
    </div>
  );
}
