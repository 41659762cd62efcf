// The service worker: what reps need on the way stands without a connection. Of pages it keeps
// their list and the forms of actions, as they were last; what is handed in while there is no
// connection it keeps for the page to hand in later. Everything else goes to the server as ever.
import type { Kept } from "./lib/kept";

type Fetched = Event & { request: Request; respondWith(a: Promise<Response>): void };
type Extended = Event & { waitUntil(p: Promise<unknown>): void };
const sw = self as unknown as EventTarget & {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
};
// Pages are somebody's, and go when they sign out. Files are the same for everybody.
const pages = "throughline-pages";
const files = "throughline-files";
let signedOut = 0; // how often
const page = /^(\/w\/[^/]+)\/(today|hand-in\/[^/]+)$/;

sw.addEventListener("install", (e) => (e as Extended).waitUntil(sw.skipWaiting()));
sw.addEventListener("activate", (e) => (e as Extended).waitUntil(claim()));
sw.addEventListener("fetch", (event) => {
  const e = event as Fetched;
  const r = e.request;
  const at = new URL(r.url);
  if (at.origin !== location.origin) return;
  const found = page.exec(at.pathname);
  if (r.method === "GET" && found && r.mode === "navigate") e.respondWith(fresh(r, at.pathname));
  else if (r.method === "GET" && at.pathname.startsWith("/assets/")) e.respondWith(asset(r));
  else if (r.method === "POST" && found && r.mode === "navigate") e.respondWith(post(r, found));
  else if (at.pathname === "/sign-out") e.respondWith(forget(r));
});

// claim takes over pages that are open, and lets go of what an older worker kept.
async function claim() {
  for (const name of await caches.keys())
    if (name !== pages && name !== files) await caches.delete(name);
  await sw.clients.claim();
}

// keep is that of lib/kept, which is not imported: a worker that is one file runs in every browser.
const keep = (k: Kept) =>
  new Promise<void>((yes, no) => {
    const r = indexedDB.open("throughline", 1);
    r.onupgradeneeded = () => r.result.createObjectStore("kept", { keyPath: "id" });
    r.onerror = () => no(r.error);
    r.onsuccess = () => {
      const t = r.result.transaction("kept", "readwrite");
      t.objectStore("kept").put(k);
      t.oncomplete = () => (r.result.close(), yes());
      t.onerror = t.onabort = () => no(t.error);
    };
  });

// fresh is a page as it is now, else as it was last. One that was asked for before somebody signed
// out is not kept after that.
async function fresh(r: Request, path: string) {
  const before = signedOut;
  try {
    const a = await fetch(r);
    if (a.ok && !a.redirected && before === signedOut) {
      const copy = a.clone();
      await (await caches.open(pages)).put(path, copy);
      if (before !== signedOut) await caches.delete(pages);
    }
    return a;
  } catch (err) {
    const old = await caches.match(path, { cacheName: pages });
    if (old) return old;
    throw err;
  }
}

// asset is a file whose name never changes what it holds.
async function asset(r: Request) {
  const cache = await caches.open(files);
  const old = await cache.match(r);
  if (old) return old;
  const a = await fetch(r);
  if (a.ok) await cache.put(r, a.clone());
  return a;
}

// post sends a form. Without a connection what is handed in is kept, and anything else is not done.
async function post(r: Request, found: RegExpExecArray) {
  const copy = r.clone();
  try {
    return await fetch(r);
  } catch {
    const today = found[1] + "/today";
    if (found[2] === "today") return Response.redirect(today + "?undone", 303);
    const parts = [...(await copy.formData()).entries()];
    const get = (name: string) => String(parts.find(([n]) => n === name)?.[1] ?? "");
    const at = new Date().toISOString();
    await keep({ id: get("id"), url: r.url, label: get("label"), at, state: "waits", parts });
    return Response.redirect(today + "?kept", 303);
  }
}

// forget leaves nothing of who signs out.
async function forget(r: Request) {
  signedOut++;
  await caches.delete(pages);
  return fetch(r);
}

export {};
