// Everything the front end reads and changes, as TanStack queries. Server push tells which of them are stale.

import { type QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Language } from "../text/language";
import { api, ask, csrf, keepCsrf } from "./client";
import type { Billing, Folder, NewCard, PaymentOrder, Session } from "./types";

const PAGE_SIZE = 50;

export const keys = {
  session: ["session"] as const,
  folders: ["folders"] as const,
  lists: ["messages"] as const,
  list: (folder: Folder, search: string) => ["messages", folder, search] as const,
  message: (id: string) => ["message", id] as const,
  allMessages: ["message"] as const,
  wallet: ["wallet"] as const,
  payment: (id: string) => ["payment", id] as const,
};

export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: () => ask(api.GET("/v1/session")),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useFolders() {
  return useQuery({ queryKey: keys.folders, queryFn: () => ask(api.GET("/v1/folders")) });
}

export function useMessageList(folder: Folder, search: string) {
  return useInfiniteQuery({
    queryKey: keys.list(folder, search),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/v1/messages", {
          signal,
          params: {
            query: { folder, limit: PAGE_SIZE, ...(search && { q: search }), ...(pageParam && { cursor: pageParam }) },
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function useMessage(id: string | null) {
  return useQuery({
    queryKey: keys.message(id ?? ""),
    enabled: id !== null,
    queryFn: () => ask(api.GET("/v1/messages/{id}", { params: { path: { id: id ?? "" } } })),
  });
}

export function useMarkSeen() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      ask(api.PATCH("/v1/messages/{id}", { params: { path: { id }, header: csrf() }, body: { seen: true } })),
    onSuccess: () => Promise.all([keys.lists, keys.folders].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

export function useWallet(enabled = true) {
  return useQuery({ queryKey: keys.wallet, enabled, queryFn: () => ask(api.GET("/v1/wallet")) });
}

function useWalletChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: () => client.invalidateQueries({ queryKey: keys.wallet }) });
}

export function useAddCard() {
  return useWalletChange(({ card, key }: { card: NewCard; key: string }) =>
    ask(api.POST("/v1/cards", { params: { header: { ...csrf(), "Idempotency-Key": key } }, body: card })),
  );
}

export function useChangeCard() {
  return useWalletChange(({ id, ...body }: { id: string; nickname?: string | null; is_default?: true }) =>
    ask(api.PATCH("/v1/cards/{id}", { params: { path: { id }, header: csrf() }, body })),
  );
}

export function useDeleteCard() {
  return useWalletChange((id: string) =>
    ask(api.DELETE("/v1/cards/{id}", { params: { path: { id }, header: csrf() } })),
  );
}

export function usePutBilling() {
  return useWalletChange((billing: Billing) =>
    ask(api.PUT("/v1/wallet/billing", { params: { header: csrf() }, body: billing })),
  );
}

/** A language chosen by hand before signing in is the account's from then on. */
export function useSignIn(chosen: Language | null = null) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: { login: string; password: string }) => {
      const session = await ask(api.POST("/v1/session", { body }));
      keepCsrf(session.csrf);
      return chosen === null || chosen === session.account.language ? session : inLanguage(session, chosen);
    },
    onSuccess: (session: Session) => client.setQueryData(keys.session, session),
  });
}

/** Also where it could not be saved, it holds for as long as the app is open. */
function inLanguage(session: Session, language: Language): Promise<Session> {
  return setLanguage(language).catch(() => ({ ...session, account: { ...session.account, language } }));
}

const setLanguage = (language: Language) =>
  ask(api.PATCH("/v1/session", { params: { header: csrf() }, body: { language } }));

export function useSetLanguage() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: setLanguage,
    onSuccess: (session: Session) => client.setQueryData(keys.session, session),
  });
}

export async function signOut(): Promise<void> {
  await ask(api.DELETE("/v1/session", { params: { header: csrf() } }));
  // A fresh document: nothing of the last reader stays in memory.
  location.assign("/");
}

/** The calls of the payment pane; it leads them itself, since each answer moves it to another step. */
export const paymentCalls = {
  review: (invoiceId: string) =>
    ask(api.POST("/v1/invoices/{id}/review", { params: { path: { id: invoiceId }, header: csrf() } })),
  pay: (order: PaymentOrder, idempotencyKey: string) =>
    ask(
      api.POST("/v1/payments", { params: { header: { ...csrf(), "Idempotency-Key": idempotencyKey } }, body: order }),
    ),
  get: (id: string) => ask(api.GET("/v1/payments/{id}", { params: { path: { id } } })),
  list: () => ask(api.GET("/v1/payments")),
  checkNow: (id: string) => ask(api.POST("/v1/payments/{id}/check", { params: { path: { id }, header: csrf() } })),
  returned: (id: string) => ask(api.POST("/v1/payments/{id}/return", { params: { path: { id }, header: csrf() } })),
};

export async function firstUnpaid(exceptInvoice: string): Promise<string | null> {
  const page = await ask(api.GET("/v1/messages", { params: { query: { folder: "to_pay", limit: 5 } } }));
  return page.items.find((row) => row.invoice !== null && row.invoice.id !== exceptInvoice)?.id ?? null;
}

export function refreshAfterPayment(client: QueryClient): void {
  for (const queryKey of [keys.folders, keys.lists, keys.allMessages, keys.wallet]) {
    void client.invalidateQueries({ queryKey });
  }
}
