// Starts the app: language, style renderer with this document's nonce, query cache.

import { createDOMRenderer, RendererProvider } from "@fluentui/react-components";
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { NoAnswer } from "./api/problem";
import { speak } from "./text/catalogue";
import { startLanguage } from "./text/language";
import "./global.css";

const STALE_AFTER_MS = 30_000;
const RETRIES = 2;

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
const renderer = createDOMRenderer(document, { styleElementAttributes: { nonce } });

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: STALE_AFTER_MS,
      // Only silence is worth asking again; an answer, also a bad one, is an answer.
      retry: (failures, error) => error instanceof NoAnswer && failures < RETRIES,
    },
  },
});

await speak(startLanguage());
createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <I18nProvider i18n={i18n}>
      <RendererProvider renderer={renderer}>
        <QueryClientProvider client={queries}>
          <App />
        </QueryClientProvider>
      </RendererProvider>
    </I18nProvider>
  </StrictMode>,
);
