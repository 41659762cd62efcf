// The one socket of a page. What the server says of the page is HTML with ids, morphed into place:
// every state that is seen comes from there, and nothing here invents any.
import { Idiomorph } from "idiomorph";
import { say } from "./say";
import type { Command, Update } from "./wire";

/** mostText is how many signs a file may have. */
export const mostText = 4_000_000;

/** tooLarge says that something has more. */
export const tooLarge = () => say(document.getElementById("desk")!.dataset.saidLarge!, true);

type Listener = (u: Update) => void;

const listeners: Listener[] = [];
const waiting = new Map<string, string>(); // parts that somebody holds, by id; the newest of each
const held = new Map<string, boolean>(); // and whether what is in it is held with it
let socket: WebSocket | undefined;
let tries = 0;

/** onUpdate hears of every update before the page shows it. */
export const onUpdate = (f: Listener) => void listeners.push(f);

/** send sends a command; false: there is no connection, and it was not sent. */
export function send(c: Command): boolean {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  const text = JSON.stringify(c);
  if (text.length > 2 * mostText) {
    tooLarge();
    return false;
  }
  socket.send(text);
  return true;
}

let asked: HTMLDialogElement | undefined;

/** give sends what was written in a dialog, which stays until it is taken: what is refused, or meets
 * no connection, can be mended and given again. */
export function give(dialog: HTMLDialogElement, c: Command) {
  if (send(c)) asked = dialog;
  else say(document.getElementById("offline")!.textContent!, true);
}
onUpdate((u) => {
  if (!u.say) return;
  if (!u.wrong) asked?.close();
  asked = undefined;
});

/** hold keeps a part of the page as it is while somebody has it in hand, if they say so with all that
 * is in it. What came meanwhile is shown when they let go, in its order. */
export function hold(id: string, all = false) {
  held.set(id, all);
  return () => {
    held.delete(id);
    const parts = [...waiting.values()];
    waiting.clear();
    show(parts);
  };
}

// What somebody types is theirs until they give it, whatever comes meanwhile.
let typed: EventTarget | null = null;
document.addEventListener("input", (e) => (typed = e.target));
for (const gives of ["change", "submit", "focusout"]) document.addEventListener(gives, () => (typed = null), true);

/** silence is how long the server may say nothing, in milliseconds; it says something every 20 s. */
const silence = 45_000;

/** connect opens the socket and keeps it open. address is asked each time: it says what is here. */
export function connect(address: () => string) {
  const url = new URL(address(), location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const s = (socket = new WebSocket(url));
  const offline = document.getElementById("offline")!;
  let heard = Date.now();
  s.onopen = () => {
    tries = 0;
    offline.hidden = true;
    document.documentElement.dataset.live = "";
  };
  s.onmessage = (e) => {
    heard = Date.now();
    const u = JSON.parse(e.data) as Update;
    if (u.anew) return location.reload();
    for (const f of listeners) f(u);
    if (u.html) show(u.html);
    if (u.say) say(u.say, u.wrong);
  };
  // Where the network went, the browser says so at once or not at all, and closes minutes later.
  const down = () => {
    delete document.documentElement.dataset.live;
    if (leaving) return;
    clearInterval(listens);
    removeEventListener("offline", down);
    s.onopen = s.onmessage = s.onclose = null;
    s.close();
    setTimeout(() => (offline.hidden = socket!.readyState === WebSocket.OPEN), 600);
    setTimeout(() => connect(address), Math.min(10_000, 250 * 2 ** tries++) * (0.5 + Math.random()));
  };
  s.onclose = down;
  addEventListener("offline", down);
  const listens = setInterval(() => Date.now() - heard > silence && down(), 5000);
}

let leaving = false;
addEventListener("pagehide", () => (leaving = true));
addEventListener("pageshow", () => (leaving = false));

// What is being filled in here, or drawn here, stays (data-kept), and what was opened stays open.
const kept = (n: Node) => n instanceof Element && n.hasAttribute("data-kept");
const callbacks = {
  beforeNodeMorphed: (n: Node) => !kept(n),
  beforeNodeRemoved: (n: Node) => !kept(n) && !(n as Element).querySelector?.("[data-kept]"),
  beforeAttributeUpdated: (name: string, n: Element) =>
    name === "value" ? n !== typed : name !== "open" || n.tagName !== "DETAILS",
};

/** show puts parts into the page as one change for the eye: what moved glides, and the focus stays
 * on what had it, wherever that is now. */
export function show(parts: string[]) {
  const focus = document.activeElement as HTMLElement | null;
  const owner = focus?.closest("[id]");
  const [ownerId, inside] = [owner?.id, owner && focus !== owner ? marker(focus!) : ""];
  const before = places();
  for (const html of parts) {
    const id = / id="([^"]+)"/.exec(html)?.[1];
    const at = id && document.getElementById(id);
    if (!at) continue;
    waiting.delete(id);
    const inHand = [...held].some(([h, all]) => {
      const e = document.getElementById(h);
      return h === id || (e && at.contains(e)) || (all && e?.contains(at));
    });
    if (inHand) waiting.set(id, html);
    else Idiomorph.morph(at, html, { morphStyle: "outerHTML", restoreFocus: true, callbacks });
  }
  if (ownerId && document.activeElement !== focus) {
    const now = document.getElementById(ownerId);
    (inside ? now?.querySelector<HTMLElement>(inside) : now)?.focus({ preventScroll: true });
  }
  glide(before);
}

/** marker finds an element again in what has its id. */
function marker(e: HTMLElement) {
  for (const name of ["data-more", "data-add", "data-do"]) {
    if (e.hasAttribute(name)) return `[${name}="${e.getAttribute(name)}"]`;
  }
  return e.classList.contains("grip") ? ".grip" : e.tagName.toLowerCase();
}

const still = matchMedia("(prefers-reduced-motion: reduce)");

function places() {
  const out = new Map<string, DOMRect>();
  if (still.matches) return out;
  const items = document.querySelectorAll<HTMLElement>(".board .item");
  if (items.length > 300) return out;
  for (const e of items) out.set(e.id, e.getBoundingClientRect());
  return out;
}

function glide(before: Map<string, DOMRect>) {
  for (const [id, was] of before) {
    const e = document.getElementById(id);
    if (!e) continue;
    const is = e.getBoundingClientRect();
    const [x, y] = [was.x - is.x, was.y - is.y];
    if (!x && !y) continue;
    e.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], {
      duration: 180,
      easing: "cubic-bezier(.2,.8,.2,1)",
    });
  }
}
