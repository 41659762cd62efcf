// A form with data-lab=ADDRESS shows what its controls come to while they are moved: the part of
// the page that the address answers with is put where its id is. A slider with data-twin=ID moves
// with the number of that id.
const form = document.querySelector<HTMLFormElement>("[data-lab]")!;
let asked: AbortController | undefined;
let timer = 0;

for (const s of form.querySelectorAll<HTMLInputElement>("[data-twin]")) s.hidden = false;

form.addEventListener("input", (e) => {
  const at = e.target as HTMLInputElement;
  const twin = at.dataset.twin
    ? (document.getElementById(at.dataset.twin) as HTMLInputElement)
    : at.id && form.querySelector<HTMLInputElement>(`[data-twin="${at.id}"]`);
  if (twin) twin.value = at.value;
  clearTimeout(timer);
  timer = setTimeout(ask, 40);
});

async function ask() {
  asked?.abort();
  asked = new AbortController();
  const q = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
  try {
    const a = await fetch(`${form.dataset.lab}?${q}`, { signal: asked.signal });
    if (!a.ok || a.redirected) return;
    const t = document.createElement("template");
    t.innerHTML = await a.text();
    const part = t.content.firstElementChild!;
    document.getElementById(part.id)!.replaceWith(part);
    history.replaceState(null, "", `?${q}`);
  } catch {} // the next move asks again
}

export {};
