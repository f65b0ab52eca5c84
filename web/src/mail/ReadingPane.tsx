// The open message: headers, what we found out about it, the payment card in the app's own chrome, and below it
// the message body in its frame.

import { Button } from "@fluentui/react-components";
import { ArrowLeftRegular, MailDismissRegular, MailReadRegular } from "@fluentui/react-icons";
import { type KeyboardEvent, useEffect, useState } from "react";
import { codeOf } from "../api/problem";
import { useMarkSeen, useMessage } from "../api/queries";
import type { Message } from "../api/types";
import { InvoiceSection } from "../invoice/InvoiceSection";
import { isWorthShowing } from "../invoice/invoiceLine";
import type { Route } from "../router/routes";
import { go } from "../router/useRoute";
import { EmptyState } from "../shell/EmptyState";
import { isInDialog } from "../shell/keyboard";
import { useText } from "../text/catalogue";
import { Attachments } from "./Attachments";
import { HEADING_ID } from "./focus";
import { MessageBody } from "./MessageBody";
import { MessageHeader } from "./MessageHeader";
import { rowElementId } from "./MessageRowView";
import { PaymentCard } from "./PaymentCard";
import styles from "./ReadingPane.module.css";
import { ReadingSkeleton } from "./ReadingSkeleton";
import { VerdictBar } from "./VerdictBar";
import { isDoubtful } from "./verdictWords";

type MailRoute = Extract<Route, { page: "mail" }>;

export function ReadingPane({ route }: { route: MailRoute }) {
  const { t } = useText();
  const message = useMessage(route.messageId);
  useDocumentTitle(route, message.data);
  useSeen(message.data);
  const back = () => go({ ...route, messageId: null });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented || isInDialog(event.target) || route.messageId === null)
      return;
    document.getElementById(rowElementId(route.messageId))?.focus();
  };
  return (
    <section
      className={styles.pane}
      aria-label={t("reading.region")}
      data-region="reading"
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {route.messageId !== null && (
        <Button className={styles.back} appearance="subtle" icon={<ArrowLeftRegular />} onClick={back}>
          {t("app.back")}
        </Button>
      )}
      {route.messageId === null && (
        <EmptyState icon={<MailReadRegular />} title={t("empty.reading")} hint={t("empty.reading_hint")} />
      )}
      {message.isPending && route.messageId !== null && <ReadingSkeleton />}
      {message.isError && message.data === undefined && (
        <EmptyState
          icon={<MailDismissRegular />}
          title={t(codeOf(message.error) === "not_found" ? "reading.gone" : "reading.failed")}
        >
          <Button onClick={() => message.refetch()}>{t("app.retry")}</Button>
        </EmptyState>
      )}
      {message.data !== undefined && <OpenMessage key={message.data.id} message={message.data} />}
    </section>
  );
}

function OpenMessage({ message }: { message: Message }) {
  const { t } = useText();
  const [pictures, setPictures] = useState(false);
  return (
    <article className={styles.message}>
      <MessageHeader
        message={message}
        headingId={HEADING_ID}
        {...(!pictures && { onShowPictures: () => setPictures(true) })}
      />
      {message.verdict.kind === "hold" && <VerdictBar message={message} />}
      {message.card !== null && <PaymentCard messageId={message.id} card={message.card} />}
      {message.invoices.filter(isWorthShowing).map((invoice, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: their order in a message never changes
        <InvoiceSection key={index} invoice={invoice} doubtful={isDoubtful(message)} />
      ))}
      {message.troubles.length > 0 && <p className={styles.trouble}>{t("reading.trouble")}</p>}
      {message.attachments.length > 0 && <Attachments messageId={message.id} attachments={message.attachments} />}
      <MessageBody messageId={message.id} pictures={pictures} />
    </article>
  );
}

function useDocumentTitle(route: MailRoute, message: Message | undefined): void {
  const { t } = useText();
  const place = message === undefined ? t(`folder.${route.folder}`) : (message.subject ?? t("list.no_subject"));
  useEffect(() => {
    document.title = `${place} – ${t("app.name")}`;
  }, [place, t]);
}

function useSeen(message: Message | undefined): void {
  const { mutate } = useMarkSeen();
  const unseenId = message !== undefined && !message.seen ? message.id : null;
  useEffect(() => {
    if (unseenId !== null) mutate(unseenId);
  }, [unseenId, mutate]);
}
