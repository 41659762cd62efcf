// What was handed in without a connection, kept in the browser by the service worker.
export type Kept = {
  id: string; // of the record
  url: string; // where it is handed in
  label: string; // what it is
  at: string; // when it was done
  state: "waits" | "sent" | "refused" | "out";
  why?: string;
  see?: string;
  parts: [string, FormDataEntryValue][];
};

const open = () =>
  new Promise<IDBDatabase>((yes, no) => {
    const r = indexedDB.open("throughline", 1);
    r.onupgradeneeded = () => r.result.createObjectStore("kept", { keyPath: "id" });
    r.onsuccess = () => yes(r.result);
    r.onerror = () => no(r.error);
  });

async function use<T>(mode: IDBTransactionMode, f: (s: IDBObjectStore) => IDBRequest<T>) {
  const db = await open();
  return new Promise<T>((yes, no) => {
    const t = db.transaction("kept", mode);
    const r = f(t.objectStore("kept"));
    t.oncomplete = () => (db.close(), yes(r.result));
    t.onerror = t.onabort = () => (db.close(), no(t.error));
  });
}

export const keep = (k: Kept) => use("readwrite", (s) => s.put(k));
export const drop = (id: string) => use("readwrite", (s) => s.delete(id));
export const all = () => use<Kept[]>("readonly", (s) => s.getAll());
