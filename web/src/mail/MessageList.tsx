// The list of a folder or a search: only the rows in view are drawn, further pages come as the end nears.

import { Button } from "@fluentui/react-components";
import {
  CalendarClockRegular,
  CheckmarkCircleRegular,
  MailInboxRegular,
  PlugDisconnectedRegular,
  ReceiptMoneyRegular,
  SearchRegular,
} from "@fluentui/react-icons";
import { useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { type ReactNode, type RefObject, useEffect, useEffectEvent, useMemo, useRef } from "react";
import { useFolders, useMessageList } from "../api/queries";
import type { Folder } from "../api/types";
import type { Route } from "../router/routes";
import { go } from "../router/useRoute";
import { announce } from "../shell/announce";
import { EmptyState } from "../shell/EmptyState";
import { useText } from "../text/catalogue";
import { ListSkeleton } from "./ListSkeleton";
import { type ListRow, listRows, withoutDoubles } from "./listRows";
import styles from "./MessageList.module.css";
import { MessageRowView } from "./MessageRowView";
import { useListKeys } from "./useListKeys";

type MailRoute = Extract<Route, { page: "mail" }>;

const MESSAGE_HEIGHT = 84;
const HEADING_HEIGHT = 32;
const OVERSCAN = 8;
/** Rows before the end at which the next page is asked for. */
const AHEAD = 15;

const EMPTY_ICONS: Record<Folder, ReactNode> = {
  inbox: <MailInboxRegular />,
  to_pay: <ReceiptMoneyRegular />,
  paid: <CheckmarkCircleRegular />,
  scheduled: <CalendarClockRegular />,
};

export function MessageList({ route }: { route: MailRoute }) {
  const { t } = useText();
  const list = useMessageList(route.folder, route.search);
  const title = route.search === "" ? t(`folder.${route.folder}`) : t("list.results");
  useSearchAnnouncement(route.search, list.data?.pages[0]?.items.length, list.hasNextPage);
  return (
    <section className={styles.pane} aria-label={t("list.region")} data-region="list">
      <header className={styles.head}>
        <h2 className={styles.title}>{title}</h2>
        <FolderCount route={route} />
      </header>
      {list.isPending && <ListSkeleton />}
      {list.isError && list.data === undefined && (
        <EmptyState icon={<PlugDisconnectedRegular />} title={t("list.failed")}>
          <Button onClick={() => list.refetch()}>{t("app.retry")}</Button>
        </EmptyState>
      )}
      {list.data !== undefined && (
        <Rows
          key={`${route.folder} ${route.search}`}
          route={route}
          list={list}
          label={t("list.label", { folder: title })}
        />
      )}
    </section>
  );
}

function FolderCount({ route }: { route: MailRoute }) {
  const { t } = useText();
  const { data: counts } = useFolders();
  if (counts === undefined || route.search !== "") return null;
  return <span className={styles.count}>{t("folder.count", { n: counts[route.folder] })}</span>;
}

function useSearchAnnouncement(search: string, found: number | undefined, more: boolean): void {
  const { t } = useText();
  useEffect(() => {
    if (search !== "" && found !== undefined)
      announce(t(more ? "list.result_count_more" : "list.result_count", { n: found }));
  }, [search, found, more, t]);
}

interface RowsProps {
  route: MailRoute;
  list: ReturnType<typeof useMessageList>;
  label: string;
}

function Rows({ route, list, label }: RowsProps) {
  const { t } = useText();
  const pages = list.data?.pages;
  const messages = useMemo(() => withoutDoubles(pages?.flatMap((page) => page.items) ?? []), [pages]);
  const rows = useMemo(() => listRows(messages, new Date()), [messages]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.kind === "heading" ? HEADING_HEIGHT : MESSAGE_HEIGHT),
    overscan: OVERSCAN,
  });
  const drawn = virtualizer.getVirtualItems();
  useNextPage(list, drawn.at(-1)?.index ?? 0, rows.length);

  const open = (messageId: string) => go({ ...route, messageId });
  const show = (id: string) => virtualizer.scrollToIndex(indexOf(rows, id), { align: "auto" });
  const { focusedId, setActiveId, onKeyDown } = useListKeys({
    messages,
    openId: route.messageId,
    scroller,
    show,
    open,
  });
  useOpenInView(route.messageId, rows, scroller, show);
  // Scrolled out of what is drawn, no row would be in the tab order: the first one in view stands in for it.
  const top = virtualizer.scrollOffset ?? 0;
  const inView = drawn.filter(({ end }) => end > top);
  const entryId = idAmong(drawn, rows, focusedId) ?? idAmong(inView, rows, null);

  if (rows.length === 0) return <EmptyFolder route={route} />;
  return (
    <div className={styles.scroller} ref={scroller}>
      <div
        role="listbox"
        aria-label={label}
        className={styles.rows}
        style={{ height: virtualizer.getTotalSize() }}
        onKeyDown={onKeyDown}
        tabIndex={-1}
      >
        {drawn.map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            <div
              key={item.key}
              role="presentation"
              className={styles.slot}
              style={{ transform: `translateY(${item.start}px)`, height: item.size }}
            >
              {row.kind === "heading" ? (
                <div role="presentation" className={styles.age}>
                  {t(`list.${row.age}`)}
                </div>
              ) : (
                <MessageRowView
                  message={row.message}
                  position={row.position}
                  count={list.hasNextPage ? -1 : messages.length}
                  selected={row.message.id === route.messageId}
                  focusable={row.message.id === entryId}
                  onFocus={() => setActiveId(row.message.id)}
                  onOpen={() => {
                    setActiveId(row.message.id);
                    open(row.message.id);
                  }}
                />
              )}
            </div>
          );
        })}
      </div>
      {list.isFetchNextPageError && (
        <div className={styles.more}>
          {t("list.more_failed")} <Button onClick={() => list.fetchNextPage()}>{t("app.retry")}</Button>
        </div>
      )}
    </div>
  );
}

function EmptyFolder({ route }: { route: MailRoute }) {
  const { t } = useText();
  if (route.search !== "") {
    return (
      <EmptyState
        icon={<SearchRegular />}
        title={t("empty.search", { q: route.search })}
        hint={t("empty.search_hint")}
      />
    );
  }
  return (
    <EmptyState
      icon={EMPTY_ICONS[route.folder]}
      title={t(`empty.${route.folder}`)}
      hint={t(`empty.${route.folder}_hint`)}
    />
  );
}

function useNextPage(list: ReturnType<typeof useMessageList>, lastDrawn: number, count: number): void {
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError && lastDrawn >= count - AHEAD) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage, lastDrawn, count]);
}

/** Once for each message that is opened, from wherever: the list shows where it stands. */
function useOpenInView(
  openId: string | null,
  rows: readonly ListRow[],
  scroller: RefObject<HTMLElement | null>,
  show: (messageId: string) => void,
): void {
  const shownId = useRef<string | null>(null);
  const isListed = openId !== null && indexOf(rows, openId) >= 0;
  const onOpened = useEffectEvent((id: string) => {
    // On a narrow window the list is away while a message is open.
    if (shownId.current === id || scroller.current?.clientHeight === 0) return;
    shownId.current = id;
    show(id);
  });
  useEffect(() => {
    if (openId === null) shownId.current = null;
    else if (isListed) onOpened(openId);
  }, [openId, isListed]);
}

/** The wanted message where it is among the drawn rows; with none wanted, the first of them. */
function idAmong(drawn: readonly VirtualItem[], rows: readonly ListRow[], wantedId: string | null): string | null {
  for (const { index } of drawn) {
    const row = rows[index];
    if (row?.kind === "message" && (wantedId === null || row.message.id === wantedId)) return row.message.id;
  }
  return null;
}

function indexOf(rows: readonly ListRow[], messageId: string): number {
  return rows.findIndex((row) => row.kind === "message" && row.message.id === messageId);
}
