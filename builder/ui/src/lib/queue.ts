// What waits on this device is shown on the list of the day, and handed in when there is a
// connection. The texts stand in the page.
import { all, drop, keep, type Kept } from "./kept";

navigator.serviceWorker?.register("/sw.js");

// A page that was kept is used again: what is handed in by it is another record each time.
const id = document.querySelector<HTMLInputElement>("form[data-offline] input[name=id]");
if (id && crypto.randomUUID) id.value = crypto.randomUUID();

const box = document.getElementById("queue");
if (box) {
  const here = new URLSearchParams(location.search);
  document.getElementById("undone")!.hidden = !here.has("undone");
  const lead = location.pathname.replace(/today$/, "hand-in/");
  const list = box.querySelector("ul")!;
  const item = box.querySelector("template")!;

  const show = async () => {
    const kept = (await all()).filter((k) => new URL(k.url).pathname.startsWith(lead));
    box.hidden = !kept.length;
    list.replaceChildren(...kept.sort((a, b) => (a.at < b.at ? -1 : 1)).map(draw));
    box.querySelector<HTMLElement>("[data-try]")!.hidden = kept.every((k) => k.state === "sent");
  };

  const draw = (k: Kept) => {
    const li = (item.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
    li.querySelector("strong")!.textContent = k.label;
    const time = li.querySelector("time")!;
    time.dateTime = k.at;
    time.textContent = new Date(k.at).toLocaleTimeString(document.documentElement.lang, {
      hour: "2-digit",
      minute: "2-digit",
    });
    for (const c of li.querySelectorAll<HTMLElement>("[data-is]")) c.hidden = c.dataset.is !== k.state;
    li.querySelector("[data-why]")!.textContent = k.why ?? "";
    const see = li.querySelector<HTMLAnchorElement>("[data-see]")!;
    see.hidden = !k.see;
    if (k.see) see.href = k.see;
    const gone = li.querySelector<HTMLElement>("[data-drop]")!;
    gone.hidden = k.state === "sent";
    gone.onclick = () => drop(k.id).then(show);
    return li;
  };

  let busy = false;
  const send = async () => {
    if (busy) return;
    busy = true;
    let reached = true;
    for (const k of await all()) {
      if (k.state === "sent") await drop(k.id); // it was seen
      if (k.state === "sent" || k.state === "refused") continue;
      const form = new FormData();
      for (const [name, value] of k.parts) form.append(name, value);
      form.append("kept", k.at);
      try {
        await told(k, await fetch(k.url, { method: "POST", body: form }));
      } catch {
        reached = false;
        break;
      }
    }
    document.getElementById("stale")!.hidden = reached;
    busy = false;
    await show();
  };

  const told = async (k: Kept, a: Response) => {
    const at = new URL(a.url);
    if (a.status === 401 || at.pathname === "/sign-in") return keep({ ...k, state: "out" });
    if (a.ok) return keep({ ...k, state: "sent", see: at.pathname + at.search, parts: [] });
    if (a.status >= 500 || a.status === 429) return;
    const page = new DOMParser().parseFromString(await a.text(), "text/html");
    const why = page.querySelector(".note.bad p, .door .lead")?.textContent ?? "";
    return keep({ ...k, state: "refused", why });
  };

  box.querySelector<HTMLElement>("[data-try]")!.onclick = send;
  addEventListener("online", send);
  setInterval(() => box.hidden || send(), 20_000);
  show().then(() => void (box.hidden || send()));
}

export {};
