// The document viewer brings a PDF reader along, so it is loaded only when a document is opened.

import { lazy, Suspense } from "react";
import type { DocumentProps } from "./DocumentViewer";

const Viewer = lazy(() => import("./DocumentViewer"));

export function DocumentDialog(props: DocumentProps) {
  return (
    <Suspense>
      <Viewer {...props} />
    </Suspense>
  );
}
