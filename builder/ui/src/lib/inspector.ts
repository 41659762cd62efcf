// The inspector: controls in place of a policy's words. Each change is one command about the words
// that were seen; the server answers with the inspector as it then is.
import { hold, onUpdate, send } from "./live";
import { where } from "./offers";
import type { Command } from "./wire";

const inspector = () => document.getElementById("inspector");
const path = (e: HTMLElement) => JSON.parse(e.closest<HTMLElement>("[data-path]")!.dataset.path!) as string[];
const file = (e: HTMLElement) => e.closest<HTMLElement>("[data-file]")!.dataset.file;
const by = <T extends HTMLElement>(e: Event, css: string) => (e.target as HTMLElement).closest?.<T>(css);

// Looking at something.
let back: HTMLElement | null = null;
let focus = false;

/** look looks at a line; where the page has no socket, its link leads there. */
export function look(what: string[], of: string | undefined, to = true) {
  if (!inspector()?.contains(document.activeElement)) back = document.activeElement as HTMLElement;
  focus = to;
  return send({ do: "look", what, file: of });
}

/** looked is what the socket's address says of what is looked at. */
export const looked = () => {
  const e = inspector();
  if (!e || e.hidden) return "";
  return `&${new URLSearchParams({ what: e.dataset.path!, of: e.dataset.file! })}`;
};

document.addEventListener("click", (e) => {
  const link = by<HTMLAnchorElement>(e, "[data-look]");
  if (link && !e.ctrlKey && !e.metaKey && look(JSON.parse(link.dataset.look!), link.dataset.file)) {
    e.preventDefault();
    if (link.closest("#rules")) history.replaceState(null, "", link.href);
  }
  if (by(e, "[data-look-away]")) away();
});

function away() {
  send({ do: "look" });
  inspector()!.hidden = true;
  back?.focus();
}

document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape" || e.defaultPrevented || !by(e, "#inspector")) return;
  const field = by<HTMLInputElement>(e, "input:not([type=range])");
  if (!field) away();
  else field.value = field.defaultValue;
});

// One change is on its way at a time: the next is about the words as they then are.
let flying = 0;
let adding = ""; // the line that is being added
type Again = (e: HTMLElement) => void;
const later = new Map<string, { path?: string; rest: string; again: Again }>();

/** fly sends a command about an element; where another is on its way, again does it later. */
function fly(e: HTMLElement, c: Command, again?: Again) {
  if (!flying) {
    if (send(c)) flying = window.setTimeout(land, 3000);
    return;
  }
  const value = (e as HTMLInputElement).value;
  const line = e.closest<HTMLElement>(".part");
  later.set(e.id, {
    path: line?.dataset.path,
    rest: e.id.slice(line?.id.length),
    again: again ?? ((now) => give(now as HTMLInputElement, value)),
  });
}

function land() {
  clearTimeout(flying);
  flying = 0;
  adding = "";
  const all = [...later];
  later.clear();
  for (const [id, l] of all) {
    // Lines are numbered: where one came or went, theirs are others. One that reads as another
    // thing by now has kept its number.
    const line = [...document.querySelectorAll<HTMLElement>("#inspector .part")].find((p) => p.dataset.path === l.path);
    const e = document.getElementById(line ? line.id + l.rest : id);
    if (e) l.again(e);
  }
}

onUpdate((u) => {
  const fresh = u.html?.some((h) => h.includes('id="inspector"'));
  if (!fresh && !u.wrong) return;
  queueMicrotask(() => {
    const e = inspector();
    if (u.wrong && flying) {
      for (const i of e?.querySelectorAll<HTMLInputElement>("input:not([data-adds] *)") ?? []) i.value = i.defaultValue;
    }
    land();
    if (fresh && focus) {
      focus = false;
      const name = e?.querySelector<HTMLElement>("#inspector-name");
      name?.focus({ preventScroll: true });
      e?.scrollTo(0, 0);
    }
  });
});

const quoted = (text: string) => `"${text.replace(/(\\.)|"/g, (_, kept) => kept ?? '\\"')}"`;

function set(e: HTMLInputElement | HTMLSelectElement, text: string) {
  const c = where(e);
  const value = e.value;
  letGo(); // what came meanwhile may say something else here
  if (text !== c.was) fly(e, { do: "set", ...c, text }, (now) => give(now as HTMLInputElement, value));
}

/** give makes a value that of a control, as if somebody did. */
function give(e: HTMLInputElement, value: string) {
  e.value = value;
  e.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("change", (e) => {
  const on = e.target as HTMLInputElement;
  if (!on.closest("#inspector")) return;
  if (on.matches("[data-weight]")) return weigh(on, true), letGo();
  if (on.id === "i-mode") {
    return fly(on, { do: "mode", what: path(on), file: file(on), text: on.value });
  }
  const amount = on.closest(".amount");
  if (amount) {
    const n = amount.querySelector("input")!;
    if (!n.value || !n.validity.valid) return void (n.value = n.defaultValue);
    return set(on, n.value + (amount.querySelector("select")?.value ?? n.dataset.unit ?? ""));
  }
  if (on.matches("[data-free]")) return wrote(on);
  if (on.matches("[data-blank]")) set(on, "quoted" in on.dataset ? quoted(on.value) : on.value.trim() || on.defaultValue);
});

// A piece that is written freely stays as it is while somebody writes.
let release: (() => void) | undefined;

document.addEventListener("input", (e) => {
  const on = e.target as HTMLInputElement;
  if (on.matches("#inspector [data-weight]")) weigh(on, false);
  if (on.matches("#inspector input:not([type=search])")) release ??= hold("inspector");
});

function letGo() {
  const f = release;
  release = undefined;
  f?.();
}

document.addEventListener("focusout", (e) => by(e, "#inspector input") && letGo());

function wrote(e: HTMLInputElement) {
  const text = e.value.trim();
  const c = where(e);
  letGo();
  if (text && text !== c.was) fly(e, { do: "set", ...c, text });
  else e.value = e.defaultValue;
}

document.addEventListener("keydown", (e) => {
  const on = by<HTMLInputElement>(e, "#inspector [data-free]");
  if (!on || e.isComposing) return;
  if (e.key === "Escape") {
    e.preventDefault();
    on.value = on.defaultValue;
    letGo();
    const line = on.closest<HTMLElement>(".part");
    if (on.closest(".free")) line?.querySelector<HTMLElement>("[data-line=free]")?.click();
  }
  if (e.key === "Enter") {
    e.preventDefault();
    wrote(on);
  }
});

// Weights: moving one leaves the others their proportion, and all add up to 100.
let begun: number[] | undefined;

function weigh(e: HTMLInputElement, done: boolean) {
  const block = e.closest<HTMLElement>(".inner")!;
  const all = [...block.querySelectorAll<HTMLInputElement>(":scope > .part > .own [data-weight]")];
  const mine = all.indexOf(e);
  begun ??= all.map((i) => Number(i.defaultValue));
  const step = Math.min(...all.map((i) => Number(i.step)));
  const rest = begun.reduce((sum, v, i) => (i === mine ? sum : sum + v), 0);
  const left = 100 - Number(e.value);
  let over = left;
  const out = begun.map((v, i) => {
    if (i === mine) return Number(e.value);
    const share = rest ? (left * v) / rest : left / (all.length - 1);
    const down = Math.floor(share / step + 1e-9) * step;
    over -= down;
    return down;
  });
  for (let i = 0; over > step / 2; i = (i + 1) % all.length) {
    if (i === mine) continue;
    out[i] += step;
    over -= step;
  }
  const texts = out.map((v) => String(Number(v.toFixed(1))));
  all.forEach((i, k) => {
    i.value = texts[k];
    i.nextElementSibling!.textContent = `${texts[k]}%`;
  });
  if (!done) return;
  begun = undefined;
  if (all.some((i) => i.value !== i.defaultValue)) {
    fly(e, { do: "weigh", what: path(block), file: file(block), text: texts.join(",") });
  }
}

// A line's own buttons.
document.addEventListener("click", (e) => {
  const tool = by<HTMLElement>(e, "#inspector [data-line]");
  if (tool) act(tool.dataset.line!, tool.closest<HTMLElement>(".part")!, tool);
  const ready = by<HTMLElement>(e, "[data-ready]");
  if (ready) join(ready);
  const cond = by<HTMLElement>(e, "[data-cond]");
  if (cond) conds(cond.closest<HTMLElement>("[data-conds]")!, (l) => l.filter((c) => c !== cond.closest("li")));
  const fresh = by<HTMLElement>(e, "[data-news] button");
  if (fresh) {
    const of = file(fresh);
    fresh.closest("dialog")!.close();
    send({ do: "insert", file: of, index: 1_000_000, text: fresh.dataset.text });
    look([fresh.dataset.code!], of);
  }
});

function act(what: string, line: HTMLElement, tool: HTMLElement) {
  const own = path(line);
  const at = Number(line.dataset.at);
  const again = (e: HTMLElement) => act(what, e, tool);
  switch (what) {
    case "up":
    case "down":
      return fly(line, {
        do: "move",
        what: own,
        into: own.slice(0, -1),
        file: file(line),
        index: Math.max(0, at + (what === "up" ? -1 : 1)),
      }, again);
    case "delete":
      return fly(line, { do: "delete", what: own, file: file(line) }, again);
    case "free": {
      const free = document.getElementById(tool.getAttribute("aria-controls")!)!;
      free.hidden = !free.hidden;
      tool.setAttribute("aria-expanded", String(!free.hidden));
      (free.hidden ? tool : free.querySelector("input")!).focus();
    }
  }
}

document.addEventListener("submit", (e) => {
  const form = by<HTMLFormElement>(e, "#inspector form");
  if (!form) return;
  e.preventDefault();
  const input = form.querySelector("input")!;
  const text = input.value.trim(); // letting go shows what came meanwhile, with empty fields
  letGo();
  if (!text) return;
  if ("renames" in form.dataset) {
    return void send({ do: "rename", what: path(form), file: file(form), text });
  }
  add(input, text);
});

/** add adds a line. What was typed stays until the line is there: it may be refused. */
function add(input: HTMLInputElement, text: string) {
  input.value = text;
  if (flying && text === adding) return; // Enter was pressed twice
  if (!flying) adding = text;
  fly(input, { do: "insert", ...where(input), text }, (now) => add(now as HTMLInputElement, text));
}

// Conditions that must all hold: each is a field of its own, and they are joined as they stand.
function conds(list: HTMLElement, order: (l: HTMLElement[]) => HTMLElement[]) {
  const all = [...list.children] as HTMLElement[];
  const text = textsOf(order(all)).join(` ${list.dataset.join} `);
  const c = where(list);
  if (text && text !== c.was) fly(list, { do: "set", ...c, text }, () => {});
}

const moved = (l: HTMLElement[], c: HTMLElement, to: number) => {
  const rest = l.filter((o) => o !== c);
  rest.splice(to, 0, c);
  return rest;
};

document.addEventListener("keydown", (e) => {
  const grip = by<HTMLElement>(e, ".cond .grip, .pick .grip");
  const step = { ArrowUp: -1, ArrowDown: 1 }[e.key];
  if (!grip || !step) return;
  e.preventDefault();
  const c = grip.closest<HTMLElement>(".cond, tr")!;
  const list = c.parentElement!;
  const at = [...list.children].indexOf(c) + step;
  if (at < 0 || at >= list.children.length) return;
  const id = (list.children[at] as HTMLElement).id;
  drop(c, at);
  after = () => document.getElementById(id)?.querySelector<HTMLElement>(".grip")?.focus();
});

/** drop puts a condition, or a row of a table, among the others of its list. */
function drop(c: HTMLElement, at: number) {
  const list = c.parentElement!;
  if (!c.matches("tr")) return conds(list, (l) => moved(l, c, at));
  const own = path(c);
  const index = Number((list.children[0] as HTMLElement).dataset.at) + at;
  if (index !== Number(c.dataset.at)) fly(c, { do: "move", what: own, into: own.slice(0, -1), file: file(c), index }, () => {});
}

let after: (() => void) | undefined;
onUpdate((u) => {
  const f = after;
  if (!f || !u.html?.some((h) => h.includes('id="inspector"'))) return;
  after = undefined;
  queueMicrotask(f);
});

/** join puts a condition that is offered among those of its line. */
function join(from: HTMLElement, to = 1_000) {
  const box = from.closest<HTMLElement>("[data-joins]")!;
  const list = conditionsOf(box);
  const put = from.dataset.ready!;
  const texts = list ? textsOf([...list.children] as HTMLElement[]) : [box.dataset.now!];
  texts.splice(to, 0, put);
  fly(box, { do: "set", ...where(box), text: texts.join(` ${box.dataset.join} `) }, () => {});
}

const conditionsOf = (box: HTMLElement) => box.parentElement!.querySelector<HTMLElement>("[data-conds]");
const textsOf = (l: HTMLElement[]) => l.map((c) => c.querySelector("input")!.value.trim()).filter(Boolean);

document.addEventListener("pointerdown", (e) => {
  const grip = by<HTMLElement>(e, ".cond .grip, .pick .grip, [data-ready]");
  if (!grip || e.button) return;
  const ready = grip.dataset.ready !== undefined;
  if (ready && e.pointerType === "touch" && !by(e, ".grip")) return; // the list is scrolled
  e.preventDefault();
  const c = grip.closest<HTMLElement>(ready ? "li" : ".cond, tr")!;
  const list = ready ? conditionsOf(grip.closest("[data-joins]")!) : c.parentElement!;
  const all = () => (list ? ([...list.children] as HTMLElement[]) : []);
  const free = hold("inspector");
  const ghost = c.cloneNode(true) as HTMLElement;
  let to = -1;
  c.classList.add("lifted");
  const move = (m: PointerEvent) => {
    const others = all().filter((o) => o !== c);
    if (ready) {
      ghost.className = "item ghost";
      ghost.style.transform = `translate(${m.clientX - 20}px, ${m.clientY - 12}px)`;
      document.body.append(ghost);
    }
    const box = (list ?? grip.closest(".own")!).getBoundingClientRect();
    const near = !ready || (m.clientY > box.top - 24 && m.clientY < (list ? box.bottom : grip.getBoundingClientRect().top) + 24);
    to = near ? others.filter((o) => o.getBoundingClientRect().top + o.offsetHeight / 2 < m.clientY).length : -1;
    others.forEach((o, i) => o.classList.toggle("before", i === to));
    others.at(-1)?.classList.toggle("behind", to === others.length);
  };
  const end = (m: Event) => {
    for (const [name, f] of over) document.removeEventListener(name, f as EventListener);
    c.classList.remove("lifted");
    ghost.remove();
    for (const o of all()) o.classList.remove("before", "behind");
    free();
    if (m.type !== "pointerup" || to < 0) return;
    if (ready) join(grip, to);
    else drop(c, to);
  };
  const escape = (k: KeyboardEvent) => k.key === "Escape" && end(k);
  const over = [["pointermove", move], ["pointerup", end], ["pointercancel", end], ["keydown", escape]] as const;
  for (const [name, f] of over) document.addEventListener(name, f as EventListener);
});

// A search over a list that is there already.
document.addEventListener("input", (e) => {
  const on = e.target as HTMLInputElement;
  const list = on.dataset.filters && document.getElementById(on.dataset.filters);
  if (!list) return;
  const want = on.value.trim().toLowerCase().split(/\s+/);
  let left = 0;
  for (const s of list.querySelectorAll<HTMLElement>("section")) {
    let any = 0;
    for (const i of s.querySelectorAll<HTMLElement>("[data-find]")) {
      i.hidden = !want.every((w) => i.dataset.find!.includes(w));
      any += Number(!i.hidden);
    }
    s.hidden = !any;
    left += any;
  }
  list.querySelector<HTMLElement>("[data-none]")!.hidden = left > 0;
});
