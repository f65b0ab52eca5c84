import type { CardBrand } from "../api/types";
import styles from "./BrandMark.module.css";

const SHORT: Record<CardBrand, string> = {
  visa: "VISA",
  mastercard: "MC",
  amex: "AMEX",
  discover: "DISC",
  diners: "DC",
  jcb: "JCB",
};

/** A small plate with the brand's letters; the brand is always said in words beside it. */
export function BrandMark({ brand }: { brand: CardBrand }) {
  return (
    <span className={styles.plate} data-brand={brand} aria-hidden="true">
      {SHORT[brand]}
    </span>
  );
}
