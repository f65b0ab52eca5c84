// pdf.js with its worker from our own origin, without eval, WebAssembly or fonts from elsewhere.

import * as pdfjs from "pdfjs-dist";
import PdfWorker from "pdfjs-dist/build/pdf.worker.min.mjs?worker";

export type { PDFDocumentProxy, PDFPageProxy } from "pdfjs-dist";

/** An invoice with more pages is downloaded, not shown. */
export const PAGES_SHOWN_MAX = 60;

let worker: pdfjs.PDFWorker | null = null;

export function openPdf(bytes: Uint8Array): pdfjs.PDFDocumentLoadingTask {
  worker ??= pdfjs.PDFWorker.create({ port: new PdfWorker() });
  return pdfjs.getDocument({
    data: bytes,
    worker,
    isEvalSupported: false,
    useWasm: false,
    enableXfa: false,
    standardFontDataUrl: "/assets/pdf-fonts/",
    // Faces are drawn as paths: no font ever enters the document's style sheets.
    disableFontFace: true,
  });
}
