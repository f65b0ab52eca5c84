// An invoice or a receipt as PDF, shown inside the app.

import { Button } from "@fluentui/react-components";
import { ArrowDownloadRegular, DocumentDismissRegular, ZoomInRegular, ZoomOutRegular } from "@fluentui/react-icons";
import { type RefObject, useEffect, useRef, useState } from "react";
import { ApiProblem, asProblem, codeOf, NoAnswer, problemText } from "../api/problem";
import { Dialog } from "../shell/Dialog";
import { EmptyState } from "../shell/EmptyState";
import { Skeleton } from "../shell/Skeleton";
import { useText } from "../text/catalogue";
import styles from "./DocumentViewer.module.css";
import { PdfPage } from "./PdfPage";
import { openPdf, PAGES_SHOWN_MAX, type PDFDocumentProxy } from "./pdf";

export interface DocumentProps {
  title: string;
  /** Where the PDF is, at our own origin. */
  address: string;
  onClose: () => void;
}

const ZOOM_STEPS = [0.6, 0.8, 1, 1.25, 1.5, 2] as const;
const ZOOM_START = 2;

type Shown = { state: "loading" } | { state: "open"; pdf: PDFDocumentProxy } | { state: "failed"; error: unknown };

export default function DocumentViewer({ title, address, onClose }: DocumentProps) {
  const { t } = useText();
  const shown = usePdf(address);
  const [zoom, setZoom] = useState(ZOOM_START);
  const tools = (
    <>
      <Button
        appearance="subtle"
        icon={<ZoomOutRegular />}
        aria-label={t("document.zoom_out")}
        disabled={zoom === 0}
        onClick={() => setZoom(zoom - 1)}
      />
      <Button
        appearance="subtle"
        icon={<ZoomInRegular />}
        aria-label={t("document.zoom_in")}
        disabled={zoom === ZOOM_STEPS.length - 1}
        onClick={() => setZoom(zoom + 1)}
      />
      <Button
        as="a"
        className={styles.download}
        appearance="subtle"
        icon={<ArrowDownloadRegular />}
        href={address}
        download=""
      >
        <span className={styles.word}>{t("document.download")}</span>
      </Button>
    </>
  );
  return (
    <Dialog title={title} size="document" tools={shown.state === "failed" ? undefined : tools} onClose={onClose}>
      {shown.state === "loading" && (
        <div className={styles.loading} role="img" aria-label={t("document.loading")}>
          <Skeleton width="210px" height={22} />
          <Skeleton width="80%" />
          <Skeleton width="60%" />
        </div>
      )}
      {shown.state === "failed" && <Failed error={shown.error} />}
      {shown.state === "open" && <Pages pdf={shown.pdf} zoom={ZOOM_STEPS[zoom] ?? 1} />}
    </Dialog>
  );
}

function Pages({ pdf, zoom }: { pdf: PDFDocumentProxy; zoom: number }) {
  const count = Math.min(pdf.numPages, PAGES_SHOWN_MAX);
  const pages = useRef<HTMLDivElement>(null);
  const room = useWidth(pages);
  return (
    // A scrolling area has to be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the arrow keys
    <div ref={pages} className={styles.pages} tabIndex={0} role="document">
      {room > 0 &&
        Array.from({ length: count }, (_, index) => index + 1).map((number) => (
          <PdfPage key={number} pdf={pdf} number={number} zoom={zoom} room={room} />
        ))}
    </div>
  );
}

/** How much room the pages have, in whole pixels. */
function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver((entries) => setWidth(Math.floor(entries.at(-1)?.contentRect.width ?? 0)));
    if (element.current !== null) observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

function Failed({ error }: { error: unknown }) {
  const { t } = useText();
  const missing = codeOf(error) === "not_found" || codeOf(error) === "no_document";
  const known = error instanceof ApiProblem || error instanceof NoAnswer;
  const title = missing ? t("problem.no_document") : known ? problemText(error, t) : t("document.failed");
  return <EmptyState icon={<DocumentDismissRegular />} title={title} />;
}

function usePdf(address: string): Shown {
  const [shown, setShown] = useState<Shown>({ state: "loading" });
  useEffect(() => {
    const ending = new AbortController();
    const load = async () => {
      const task = openPdf(await fetchPdf(address, ending.signal));
      ending.signal.addEventListener("abort", () => void task.destroy());
      return task.promise;
    };
    load().then(
      (pdf) => ending.signal.aborted || setShown({ state: "open", pdf }),
      (error: unknown) => ending.signal.aborted || setShown({ state: "failed", error }),
    );
    return () => ending.abort();
  }, [address]);
  return shown;
}

async function fetchPdf(address: string, signal: AbortSignal): Promise<Uint8Array> {
  const response = await fetch(address, { signal }).catch((cause: unknown) => {
    throw new NoAnswer(cause);
  });
  if (!response.ok) throw new ApiProblem(asProblem(await response.json().catch(() => null), response));
  return new Uint8Array(await response.arrayBuffer());
}
