// The case bench: what is pinned is tried as it is typed, and kept. The fields are whoever writes in
// them. What others pin meanwhile the server puts together with it, and it is shown once there is
// nothing here that the server has not heard.
import { onUpdate, send } from "./live";
import { say } from "./say";

const fields = [...document.querySelectorAll<HTMLInputElement>("[data-bench]")];
const values = () => fields.map((f) => f.value);
const same = (a: string[], b: string[]) => a.every((v, i) => v === b[i]);

let had = values(); // what ours comes from
let gave: string[] | undefined; // what is on its way
let since = 0; // when it went
let ask = 0;
let waits = 0;

function pin(again = false) {
  clearTimeout(waits);
  waits = 0;
  if (gave && !again) return;
  const now = gave ?? values();
  if (same(now, had)) return void (gave = undefined);
  // Without an answer the same is asked again: to put it together twice changes nothing.
  if (send({ do: "pin", ask: ++ask, what: had, text: now[0], was: now[1] })) (gave = now), (since ||= Date.now());
  waits = window.setTimeout(pin, 3000, true);
}

document.addEventListener("input", (e) => {
  if (!fields.includes(e.target as HTMLInputElement)) return;
  if (!gave) {
    clearTimeout(waits);
    waits = window.setTimeout(pin, 250);
  }
});
for (const f of fields) f.addEventListener("focusout", () => pin());

// Who goes has the rest sent behind them; where nobody answers it stays in the tab, and is taken up
// again where it was left, by whoever typed it.
const key = "bench " + document.documentElement.dataset.who + location.pathname;
addEventListener("pagehide", () => {
  sessionStorage.removeItem(key); // of an earlier leaving, come back from without a load
  const now = values();
  if (same(now, had)) return;
  if (!("live" in document.documentElement.dataset) || (since && Date.now() - since > 1000)) {
    return sessionStorage.setItem(key, JSON.stringify([had, now, gave]));
  }
  const [lines, until] = now;
  const from = gave && !same(now, gave) ? gave : had;
  const form = new FormData();
  for (const [k, v] of Object.entries({ do: "pin", lines, until, seen: from[0], "seen-until": from[1] })) form.set(k, v);
  if (!navigator.sendBeacon(location.pathname, form)) pin(true);
});

onUpdate((u) =>
  queueMicrotask(() => {
    const { lines, until } = document.getElementById("bench-pinned")!.dataset;
    if (gave && (u.wrong || u.told?.ask === ask)) {
      if (!u.wrong) had = gave;
      gave = undefined;
      since = 0;
      clearTimeout(waits);
      waits = 0;
      if (u.wrong) return; // it is sent again when it is another
    }
    if (gave) return;
    if (!same(values(), had)) return void (waits ||= window.setTimeout(pin, 250));
    had = [lines!, until!];
    fields.forEach((f, i) => put(f, had[i]));
    had = values(); // a moment that is none is not shown
  }),
);

/** put makes a text that of a field; the caret stays where it was in it. */
function put(f: HTMLInputElement, text: string) {
  const was = f.value;
  if (was === text) return;
  const [from, to] = [f.selectionStart, f.selectionEnd];
  f.value = text;
  if (from === null || f !== document.activeElement) return;
  const moved = (at: number) => (text.startsWith(was.slice(0, at)) ? at : Math.max(0, at + text.length - was.length));
  f.setSelectionRange(moved(from), moved(to!));
}

const left = JSON.parse(sessionStorage.getItem(key) ?? "0") as [string[], string[], string[] | null] | 0;
sessionStorage.removeItem(key);
if (left && !fields[0].readOnly) {
  had = left[0];
  gave = left[2] ?? undefined;
  fields.forEach((f, i) => (f.value = left[1][i]));
  const note = document.getElementById("bench-left")!;
  note.hidden = false;
  say(note.textContent!);
  pin(true);
}
