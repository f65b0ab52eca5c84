import type { Review } from "../api/types";
import { useText } from "../text/catalogue";
import { formatDecimal } from "../text/format";
import styles from "./Differences.module.css";
import { MessageLine } from "./NoticeBar";

/** Where the biller's answer and the mail disagree, both side by side. */
export function Differences({ differences }: { differences: Review["differences"] }) {
  const { t, language } = useText();
  return (
    <MessageLine tone="warning" text={t("review.differences")}>
      <table className={styles.table}>
        <thead>
          <tr>
            <td />
            <th scope="col">{t("review.in_mail")}</th>
            <th scope="col">{t("review.at_biller")}</th>
          </tr>
        </thead>
        <tbody>
          {differences.map(({ field, in_mail, at_biller }) => (
            <tr key={field}>
              <th scope="row">{t(`review.field_${field}`)}</th>
              <td>{field === "amount" ? formatDecimal(in_mail, language) : in_mail}</td>
              <td>{field === "amount" ? formatDecimal(at_biller, language) : at_biller}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <span className={styles.hint}>{t("review.differences_hint")}</span>
    </MessageLine>
  );
}
