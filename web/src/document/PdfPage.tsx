// One page: the drawing, and its text for screen readers.

import { useEffect, useRef, useState } from "react";
import { useText } from "../text/catalogue";
import styles from "./DocumentViewer.module.css";
import type { PDFDocumentProxy } from "./pdf";

interface Props {
  pdf: PDFDocumentProxy;
  number: number;
  zoom: number;
  /** How wide a page may be at zoom 1. */
  room: number;
}

/** At zoom 1 a page of A4 is about as wide as on paper, where there is room for it. */
const POINTS_TO_PIXELS = 96 / 72;

export function PdfPage({ pdf, number, zoom, room }: Props) {
  const { t } = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [text, setText] = useState("");
  useEffect(() => {
    const ending = new AbortController();
    void drawPage(pdf, { number, zoom, room }, canvas.current, ending.signal).then(
      (words) => ending.signal.aborted || setText(words),
      () => undefined,
    );
    return () => ending.abort();
  }, [pdf, number, zoom, room]);
  return (
    <section className={styles.page} aria-label={t("document.page", { page: number, pages: pdf.numPages })}>
      <canvas ref={canvas} className={styles.canvas}>
        {text}
      </canvas>
    </section>
  );
}

async function drawPage(
  pdf: PDFDocumentProxy,
  { number, zoom, room }: Omit<Props, "pdf">,
  canvas: HTMLCanvasElement | null,
  ending: AbortSignal,
): Promise<string> {
  const page = await pdf.getPage(number);
  if (canvas === null || ending.aborted) return "";
  const fitting = Math.min(POINTS_TO_PIXELS, room / page.getViewport({ scale: 1 }).width);
  const viewport = page.getViewport({ scale: zoom * fitting });
  const density = Math.min(window.devicePixelRatio || 1, 3);
  canvas.width = Math.floor(viewport.width * density);
  canvas.height = Math.floor(viewport.height * density);
  canvas.style.width = `${Math.floor(viewport.width)}px`;
  const drawing = page.render({ canvas, viewport, transform: [density, 0, 0, density, 0, 0] });
  ending.addEventListener("abort", () => drawing.cancel());
  await drawing.promise;
  const content = await page.getTextContent();
  return content.items.map((item) => ("str" in item ? item.str : "")).join(" ");
}
