// Fields that a piece of a policy is written in: what may stand at the caret is asked of the server
// and offered below the field. Arrows choose, Enter or Tab takes, Escape closes.
import { onUpdate, send } from "./live";
import type { Command, Offer, Offers } from "./wire";

let asked = 0;
const waiting = new Map<number, (o: Offers) => void>();

/** ask asks what may stand somewhere; only the answer to the latest question is heard. */
export function ask(c: Omit<Command, "do" | "ask">, f: (o: Offers) => void) {
  waiting.clear();
  waiting.set(++asked, f);
  send({ ...c, do: "offer", ask: asked });
}

onUpdate((u) => {
  const f = u.offers && waiting.get(u.offers.ask);
  if (!f) return;
  waiting.clear();
  f(u.offers!);
});

const list = Object.assign(document.createElement("ul"), { id: "offers", className: "offers floats", hidden: true });
list.setAttribute("role", "listbox");
document.querySelector("main")!.append(list);

let field: HTMLInputElement | undefined;
let shown: Offers | undefined;
let at = -1;

/** where says which piece of the policy a field is. */
export const where = (e: HTMLElement): Pick<Command, "what" | "into" | "file" | "index" | "count" | "was"> => {
  const line = e.closest<HTMLElement>("[data-path]")!;
  const path = JSON.parse(line.dataset.path!) as string[];
  const file = e.closest<HTMLElement>("[data-file]")!.dataset.file;
  const on = e.closest<HTMLElement>("[data-index]");
  if (!on) return { into: path, file, index: 1_000_000 }; // behind what is there by then
  return { what: path, file, index: Number(on.dataset.index), count: Number(on.dataset.count), was: on.dataset.was };
};

function look(e: HTMLInputElement) {
  if (!e.isConnected) return;
  field = e;
  ask({ ...where(e), text: e.value, at: e.selectionStart ?? e.value.length }, (o) => field === e && show(o));
}

function show(o: Offers) {
  shown = o;
  list.replaceChildren(...o.list.slice(0, 12).map(item));
  at = -1;
  const any = o.list.length > 0 && document.activeElement === field;
  list.hidden = !any;
  field!.setAttribute("aria-expanded", String(any));
  field!.removeAttribute("aria-activedescendant");
  if (!any) return;
  list.setAttribute("aria-label", field!.getAttribute("aria-label")!);
  const box = field!.getBoundingClientRect();
  list.style.width = `${Math.max(240, Math.min(420, box.width))}px`;
  list.style.left = `${Math.max(8, Math.min(box.left, innerWidth - list.offsetWidth - 8))}px`;
  const below = box.bottom + list.offsetHeight + 8 < innerHeight;
  list.style.top = `${below ? box.bottom + 4 : Math.max(8, box.top - list.offsetHeight - 4)}px`;
}

function item(o: Offer, i: number) {
  const li = document.createElement("li");
  li.id = `offer-${i}`;
  li.setAttribute("role", "option");
  li.setAttribute("aria-selected", "false");
  const name = document.createElement("code");
  name.textContent = o.label;
  const more = document.createElement("span");
  more.className = "hint";
  more.textContent = o.detail ?? "";
  li.append(name, more);
  li.onpointerdown = (e) => {
    e.preventDefault(); // the field keeps the focus
    take(i);
  };
  return li;
}

function choose(to: number) {
  const all = [...list.children] as HTMLElement[];
  at = (to + all.length) % all.length;
  all.forEach((e, i) => e.setAttribute("aria-selected", String(i === at)));
  all[at].scrollIntoView({ block: "nearest" });
  field!.setAttribute("aria-activedescendant", all[at].id);
}

function take(i: number) {
  const o = shown!.list[i];
  // A function's parentheses are put around the caret.
  const put = o.text;
  field!.setRangeText(put, shown!.from, Math.max(shown!.to, field!.selectionStart ?? 0), "end");
  if (put.endsWith("()")) field!.setSelectionRange(field!.selectionStart! - 1, field!.selectionStart! - 1);
  close();
  field!.dispatchEvent(new Event("input", { bubbles: true }));
}

function close() {
  list.hidden = true;
  field?.setAttribute("aria-expanded", "false");
  field?.removeAttribute("aria-activedescendant");
}

let timer = 0;
document.addEventListener("input", (e) => {
  const on = e.target as HTMLInputElement;
  if (!on.matches("[data-offers]") || (e as InputEvent).isComposing) return;
  clearTimeout(timer);
  timer = window.setTimeout(() => look(on), 60);
});
document.addEventListener("focusout", (e) => e.target === field && close());

// Before others hear of the key: while something is offered, Enter takes it and nothing else.
document.addEventListener(
  "keydown",
  (e) => {
    const on = e.target as HTMLInputElement;
    if (!on.matches?.("[data-offers]") || e.isComposing) return;
    if (list.hidden || field !== on) {
      if (e.key === "ArrowDown" || (e.ctrlKey && e.key === " ")) {
        e.preventDefault();
        look(on);
      }
      return;
    }
    if (e.key === "ArrowDown") choose(at + 1);
    else if (e.key === "ArrowUp") choose(at < 0 ? list.children.length - 1 : at - 1);
    else if ((e.key === "Enter" || e.key === "Tab") && at >= 0) take(at);
    else if (e.key === "Escape") close();
    else {
      if (e.key === "Enter") close();
      return;
    }
    e.preventDefault();
    e.stopImmediatePropagation();
  },
  true,
);
