// Who sells to whom, side by side.

import type { InvoiceDocument, InvoiceParty } from "../api/types";
import { type TextId, useText } from "../text/catalogue";
import styles from "./InvoiceView.module.css";
import { countryText, vatIdLabel } from "./invoiceWords";

export function Parties({ invoice }: { invoice: InvoiceDocument }) {
  const { seller, buyer, payee, broker } = invoice;
  return (
    <div className={styles.parties}>
      <Party as="invoice.seller" party={seller} />
      <Party as="invoice.buyer" party={buyer} />
      <Party as="invoice.payee" party={payee} />
      <Party as="invoice.broker" party={broker} />
    </div>
  );
}

function Party({ as, party }: { as: TextId; party: InvoiceParty }) {
  const { t, language } = useText();
  if (Object.keys(party).length === 0) return null;
  const { name, trading_name, address, country, email, endpoint } = party;
  const numbers: ReadonlyArray<[TextId, string | undefined]> = [
    [vatIdLabel(party), party.vat_id],
    ["invoice.tax_id", party.tax_id],
    ["invoice.legal_id", party.legal_id],
    ["invoice.party_id", party.id],
  ];
  const title = name ?? trading_name;
  return (
    <section>
      <h4 className={styles.role}>{t(as)}</h4>
      <address className={styles.party} lang="">
        {title !== undefined && <strong>{title}</strong>}
        {trading_name !== undefined && trading_name !== title && <span>{trading_name}</span>}
        {address !== undefined && <span>{address}</span>}
        {country !== undefined && <span>{countryText(country, language)}</span>}
        {numbers.map(
          ([id, number]) =>
            number !== undefined && (
              <span key={id} className={styles.number}>
                {t(id)}: {number}
              </span>
            ),
        )}
        {email !== undefined && <span>{email}</span>}
        {endpoint !== undefined && endpoint !== email && <span>{t("invoice.endpoint", { endpoint })}</span>}
      </address>
    </section>
  );
}
