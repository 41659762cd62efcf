// The board: a card is lifted, goes over places, and is dropped, whether by the mouse, a finger or
// keys; each way ends in the same command. Nothing of the server's page is moved here: what is seen
// on the way is a ghost and a line, and the card moves when the server says so.
import { give, hold, onUpdate, send } from "./live";
import { look } from "./inspector";
import { say } from "./say";

interface Spot {
  column: HTMLElement;
  place: number; // among the cards of the column that are not in hand
}

const text = (e: HTMLElement, name: string) => e.dataset[name] ?? "";
const path = (e: HTMLElement): string[] => {
  const at = JSON.parse(e.closest<HTMLElement>("[data-path]")!.dataset.path!) as string[];
  return e.dataset.key === undefined ? at : [...at, e.dataset.key];
};
const file = (e: HTMLElement) => e.closest<HTMLElement>("[data-file]")!.dataset.file;

// What a menu or a dialog is about may go while it is open: it keeps the name that it had.
const kept = new WeakMap<HTMLElement, { what: string[]; file?: string }>();
const named = (e: HTMLElement) => {
  if (e.isConnected) kept.set(e, { what: path(e), file: file(e) });
  return kept.get(e)!;
};
const whole = (e: HTMLElement) => e.dataset.text ?? e.querySelector("code")!.textContent!;
const desk = () => document.getElementById("desk")!;
const columns = (e: HTMLElement) => [...e.closest(".board")!.querySelectorAll<HTMLElement>(".column")];
const list = (column: HTMLElement) => column.querySelector<HTMLElement>(".cards")!;
const cards = (column: HTMLElement, but?: HTMLElement) =>
  [...list(column).querySelectorAll<HTMLElement>(".item")].filter((c) => c !== but);

/** filled puts arguments into a text of the page: {0}, {1}. */
const filled = (t: string, ...args: (string | number)[]) =>
  t.replace(/\{(\d)\}/g, (_, n) => String(args[Number(n)]));

/** index is where a card would stand among all other lines of the column's block. */
function index(card: HTMLElement, to: Spot) {
  const others = cards(to.column, card);
  const own = card.closest(".column") === to.column ? Number(card.dataset.at) : Infinity;
  const less = (at: number) => at - (own < at ? 1 : 0);
  const next = others[to.place];
  if (next) return less(Number(next.dataset.at));
  const last = others.at(-1);
  return last ? less(Number(last.dataset.at)) + 1 : less(Number(to.column.dataset.end));
}

function move(card: HTMLElement, to: Spot) {
  const { what, file } = named(card);
  const next = cards(to.column, card)[to.place];
  return send({ do: "move", what, into: named(to.column).what, file, index: index(card, to), was: next?.dataset.key });
}

const where = (card: HTMLElement): Spot => {
  const column = card.closest<HTMLElement>(".column")!;
  return { column, place: Math.max(0, cards(column).indexOf(card)) };
};

// What is in hand.
let card: HTMLElement | undefined;
let spot: Spot;
let home: Spot;
let release = () => {};
let ghost: HTMLElement | undefined;
const line = Object.assign(document.createElement("div"), { className: "drop-line" });

function lift(e: HTMLElement) {
  card = e;
  home = spot = where(e);
  release = hold(e.closest(".journey")!.id, true);
  e.classList.add("lifted");
  document.documentElement.classList.add("dragging");
  over(spot, false);
}

function over(to: Spot, tell = true) {
  spot = to;
  const all = cards(to.column, card);
  const box = list(to.column).getBoundingClientRect();
  const next = all[to.place]?.getBoundingClientRect();
  const last = all.at(-1)?.getBoundingClientRect();
  const y = next ? next.top - 4 : last ? last.bottom + 4 : box.top + 4;
  document.body.append(line);
  line.style.transform = `translate(${box.left}px, ${y}px)`;
  line.style.width = `${box.width}px`;
  if (tell) {
    say(filled(text(desk(), "saidOver"), text(card!, "name"), to.place + 1, all.length + 1, text(to.column, "name")));
  }
}

function drop(take: boolean) {
  if (!card) return;
  const e = card;
  card = undefined;
  line.remove();
  ghost?.remove();
  ghost = undefined;
  e.classList.remove("lifted");
  document.documentElement.classList.remove("dragging");
  const moved = take && (spot.column !== home.column || spot.place !== home.place) && move(e, spot);
  if (!moved) say(filled(text(desk(), "saidBack"), text(e, "name")));
  release();
}

// By mouse, pen and finger. A finger rests first, so that a swipe still scrolls.
let start: { x: number; y: number; card: HTMLElement; touch: boolean; timer: number } | undefined;

document.addEventListener("pointerdown", (e) => {
  const on = e.target as HTMLElement;
  const item = on.closest<HTMLElement>(".cards .item");
  if (!item || e.button || on.closest("button:not(.grip)") || !item.querySelector(".grip")) return;
  const touch = e.pointerType === "touch";
  const timer = touch ? window.setTimeout(() => begin(e.clientX, e.clientY), 220) : 0;
  start = { x: e.clientX, y: e.clientY, card: item, touch, timer };
});

function begin(x: number, y: number) {
  if (!start) return;
  lift(start.card);
  const box = start.card.getBoundingClientRect();
  ghost = start.card.cloneNode(true) as HTMLElement;
  ghost.removeAttribute("id");
  ghost.setAttribute("aria-hidden", "true");
  ghost.className = "item ghost";
  ghost.style.width = `${box.width}px`;
  ghost.style.left = `${box.left - start.x}px`;
  ghost.style.top = `${box.top - start.y}px`;
  document.body.append(ghost);
  follow(x, y);
}

function follow(x: number, y: number) {
  ghost!.style.transform = `translate(${x}px, ${y}px)`;
  const edge = 40;
  const row = card!.closest<HTMLElement>(".columns")!;
  const box = row.getBoundingClientRect();
  if (x < box.left + edge) row.scrollBy(-14, 0);
  if (x > box.right - edge) row.scrollBy(14, 0);
  if (y < edge + 52) scrollBy(0, -10);
  if (y > innerHeight - edge) scrollBy(0, 10);
  const all = columns(card!);
  const column = all.find((c) => x < c.getBoundingClientRect().right) ?? all.at(-1)!;
  const place = cards(column, card).filter((c) => {
    const b = c.getBoundingClientRect();
    return b.top + b.height / 2 < y;
  }).length;
  over({ column, place }, column !== spot.column || place !== spot.place);
}

document.addEventListener("pointermove", (e) => {
  if (!start) return;
  const far = Math.hypot(e.clientX - start.x, e.clientY - start.y) > 6;
  if (!card && far && start.touch) return cancel();
  if (!card && far) begin(e.clientX, e.clientY);
  if (card && ghost) follow(e.clientX, e.clientY);
});
document.addEventListener("touchmove", (e) => ghost && e.preventDefault(), { passive: false });
document.addEventListener("contextmenu", (e) => ghost && e.preventDefault());
document.addEventListener("dragstart", (e) => (e.target as HTMLElement).closest?.(".item") && e.preventDefault());
document.addEventListener("pointerup", (e) => {
  const dragged = ghost;
  const pressed = start?.card;
  cancel();
  if (dragged) return drop(true);
  if (pressed && (e.target as HTMLElement).closest(".item") === pressed) pick(pressed);
});
document.addEventListener("pointercancel", () => {
  const dragged = ghost;
  cancel();
  if (dragged) drop(false);
});

// Where the text stands beside the board, a card leads to its line, and the caret to its card.
const beside = () => desk().classList.contains("split");

function pick(e: HTMLElement) {
  if (beside()) send({ do: "show", what: path(e), file: file(e) });
  else look(path(e), file(e), false);
}

document.addEventListener("focusin", (e) => {
  const item = (e.target as HTMLElement).closest<HTMLElement>(".board .item");
  if (item && beside() && !card) pick(item);
});

let under = "";
onUpdate((u) => {
  if (u.here) under = JSON.stringify(u.here.path);
  if (under) queueMicrotask(() => mark(!!u.here));
});

function mark(go: boolean) {
  for (const e of document.querySelectorAll<HTMLElement>(".board .item")) {
    const is = JSON.stringify(path(e)) === under;
    if (is && go) e.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (is) e.setAttribute("aria-current", "true");
    else e.removeAttribute("aria-current");
  }
}

function cancel() {
  clearTimeout(start?.timer);
  start = undefined;
}

// By keys.
document.addEventListener("keydown", (e) => {
  if (e.key === "Escape" && card) {
    e.preventDefault();
    cancel();
    return drop(false);
  }
  const target = e.target as HTMLElement;
  if ((e.ctrlKey || e.metaKey) && !e.altKey && e.key.toLowerCase() === "z" && !typing(target)) {
    e.preventDefault();
    return void send({ do: e.shiftKey ? "redo" : "undo" });
  }
  const item = target.closest<HTMLElement>(".board .item");
  if (!item || !target.classList.contains("grip")) return;
  if (card) return steer(e);
  const near = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (near) {
    const all = [...item.closest(".column")!.querySelectorAll<HTMLElement>(".item")];
    e.preventDefault();
    return all[all.indexOf(item) + near]?.querySelector<HTMLElement>(".grip")?.focus();
  }
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === " " && item.closest(".cards")) {
    e.preventDefault();
    lift(item);
    const n = cards(home.column).length;
    say(filled(text(desk(), "saidLifted"), text(item, "name"), home.place + 1, n, text(home.column, "name")));
  } else if (e.key === "e") act("edit", item, e);
  else if (e.key === "Enter") act("look", item, e);
  else if (e.key === "n" || e.code === "Slash") adding(item.closest(".column")!, Number(item.dataset.at) + 1, e);
  else if (e.key === "Delete") act("delete", item, e);
});

function steer(e: KeyboardEvent) {
  const all = columns(card!);
  const at = all.indexOf(spot.column);
  const n = cards(spot.column, card).length;
  const to = { ...spot };
  switch (e.key) {
    case " ":
    case "Enter":
      e.preventDefault();
      return drop(true);
    case "ArrowDown":
      to.place = Math.min(n, to.place + 1);
      break;
    case "ArrowUp":
      to.place = Math.max(0, to.place - 1);
      break;
    case "ArrowLeft":
    case "ArrowRight":
      to.column = all[at + (e.key === "ArrowRight" ? 1 : -1)] ?? spot.column;
      to.place = Math.min(to.place, cards(to.column, card).length);
      break;
    case "Tab":
      break;
    default:
      return;
  }
  e.preventDefault();
  to.column.scrollIntoView({ block: "nearest", inline: "nearest" });
  over(to);
}

const typing = (e: HTMLElement) => e.closest("input, textarea, select, [contenteditable]");

// By the menu, which all cards and columns share.
const menu = () => document.getElementById("card-menu")!;
let about: HTMLElement;

document.addEventListener("click", (e) => {
  const on = e.target as HTMLElement;
  const by = <T extends HTMLElement>(css: string) => on.closest<T>(css);
  const does = by("[data-do]");
  if (does) {
    return void send({ do: does.dataset.do!, file: does.dataset.state, index: Number(does.dataset.index ?? 0) });
  }
  const more = by("[data-more]");
  if (more) return openMenu(more);
  const add = by("[data-add]");
  if (add) {
    const column = add.closest<HTMLElement>(".column")!;
    return adding(column, Number(column.dataset.end));
  }
  const stage = by("[data-stage]");
  if (stage) {
    const board = stage.closest<HTMLElement>(".board")!;
    const last = columns(stage).findLast((c) => !c.querySelector(".head .chip"));
    const at = last ? Number(last.dataset.at) + 1 : Number(board.dataset.end);
    return void send({ do: "insert", into: path(board), file: board.dataset.file, index: at, text: stage.dataset.stage });
  }
  const acts = by("[data-act]");
  if (acts) {
    menu().hidePopover();
    if (acts.dataset.act === "to") {
      const column = document.getElementById(acts.dataset.to!);
      if (column) move(about, { column, place: cards(column, about).length });
    } else act(acts.dataset.act!, about, e);
    if (acts.dataset.act !== "look") about.querySelector<HTMLElement>("[data-more]")?.focus();
  }
});

function openMenu(button: HTMLElement) {
  about = button.closest<HTMLElement>(".item, .column")!;
  named(about);
  const m = menu();
  m.querySelectorAll("[data-act=to]").forEach((b) => b.remove());
  const isCard = about.matches(".cards .item");
  if (isCard) {
    const own = about.closest(".column");
    const before = m.querySelector("[data-act=text]")!;
    for (const c of columns(about)) {
      if (c === own) continue;
      const b = document.createElement("button");
      b.type = "button";
      b.className = "plain";
      b.setAttribute("role", "menuitem");
      b.dataset.act = "to";
      b.dataset.to = c.id;
      b.textContent = filled(text(m, "moveTo"), text(c, "name"));
      before.before(b);
    }
  }
  for (const b of m.querySelectorAll<HTMLElement>("[data-act=up], [data-act=down]")) {
    b.hidden = about.closest(".terms") !== null;
  }
  m.showPopover();
  const at = button.getBoundingClientRect();
  const size = m.getBoundingClientRect();
  m.style.left = `${Math.max(8, Math.min(at.right - size.width, innerWidth - size.width - 8))}px`;
  m.style.top = `${at.bottom + size.height + 8 > innerHeight ? Math.max(8, at.top - size.height) : at.bottom + 4}px`;
  items(m)[0].focus();
  m.addEventListener("toggle", (e) => {
    if ((e as ToggleEvent).newState === "closed" && m.contains(document.activeElement)) button.focus();
  }, { once: true });
}

const items = (m: HTMLElement) => [...m.querySelectorAll<HTMLElement>("[role=menuitem]:not([hidden])")];

document.addEventListener("keydown", (e) => {
  const m = (e.target as HTMLElement).closest?.<HTMLElement>("#card-menu");
  if (!m) return;
  const all = items(m);
  const at = all.indexOf(e.target as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[e.key];
  if (to === undefined) return;
  e.preventDefault();
  all[(to + all.length) % all.length].focus();
});

function act(what: string, e: HTMLElement, event?: Event) {
  event?.preventDefault();
  switch (what) {
    case "delete":
      return void send({ do: "delete", ...named(e) });
    case "text":
      location.href = `${text(menu(), "textHref")}?${new URLSearchParams({
        file: named(e).file!,
        what: JSON.stringify(named(e).what),
      })}`;
      return;
    case "look":
      return void look(named(e).what, named(e).file);
    case "up":
    case "down":
      return shift(e, what === "up" ? -1 : 1);
    case "edit":
      return editing(e);
  }
}

/** shift moves a card among cards, or a column among columns. */
function shift(e: HTMLElement, by: number) {
  if (e.matches(".item")) {
    const at = where(e);
    const place = at.place + by;
    if (place >= 0 && place < cards(at.column).length) move(e, { column: at.column, place });
    return;
  }
  const all = columns(e);
  const other = all[all.indexOf(e) + by];
  if (!other) return;
  const board = e.closest<HTMLElement>(".board")!;
  send({ do: "move", what: path(e), into: path(board), file: file(e), index: Number(other.dataset.at) });
}

function editing(e: HTMLElement) {
  const dialog = document.getElementById("edit-line") as HTMLDialogElement;
  const field = dialog.querySelector("textarea")!;
  const was = whole(e);
  const line = named(e);
  field.value = was;
  field.rows = Math.min(12, Math.max(2, field.value.split("\n").length));
  dialog.showModal();
  field.focus();
  dialog.querySelector<HTMLFormElement>("form[data-line]")!.onsubmit = (e) => {
    if (field.value === was) return;
    e.preventDefault();
    give(dialog, { do: "replace", ...line, text: field.value });
  };
}

// Adding: one search over what a stage may ask for; what is not found goes in as it is written.
function adding(column: HTMLElement, at: number, event?: Event) {
  event?.preventDefault();
  const dialog = document.getElementById("add-line") as HTMLDialogElement;
  const filter = dialog.querySelector("input")!;
  const none = dialog.querySelector<HTMLElement>("[data-none]")!;
  const own = dialog.querySelector<HTMLElement>("[data-own]")!;
  const offers = [...dialog.querySelectorAll<HTMLButtonElement>(".offers button")];
  const look = () => {
    const want = filter.value.trim().toLowerCase().split(/\s+/);
    let left = 0;
    for (const b of offers) {
      const fits = want.every((w) => b.dataset.find!.toLowerCase().includes(w));
      b.parentElement!.hidden = !fits;
      left += Number(fits);
    }
    none.hidden = left > 0;
    own.hidden = !filter.value.trim();
  };
  filter.value = "";
  filter.oninput = look;
  look();
  const { what, file } = named(column);
  const put = (line: string) =>
    line ? give(dialog, { do: "insert", into: what, file, index: at, text: line }) : dialog.close();
  const take = (b?: HTMLElement) => put(b ? `${column.dataset.holds} ${b.dataset.text}` : filter.value.trim());
  for (const b of offers) b.onclick = () => take(b);
  own.onclick = () => take();
  // Enter takes the first that fits.
  dialog.querySelector<HTMLFormElement>("form[data-adding]")!.onsubmit = (e) => {
    e.preventDefault();
    take(offers.find((b) => !b.parentElement!.hidden));
  };
  dialog.showModal();
  filter.focus();
}

export {};
