// A part with data-again=ADDRESS is asked for again every second, as long as what comes says so.
const every = 1000;

async function again() {
  const part = document.querySelector<HTMLElement>("[data-again]");
  if (!part) return;
  try {
    const a = await fetch(part.dataset.again!);
    if (a.ok && !a.redirected) {
      const t = document.createElement("template");
      t.innerHTML = await a.text();
      part.replaceWith(t.content.firstElementChild!);
    }
  } catch {} // it is asked for again
  setTimeout(again, every);
}
setTimeout(again, every);

export {};
