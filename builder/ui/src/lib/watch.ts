// A page that follows the log: what the server says of it is put in place as it comes. A form that
// somebody began to fill in stays as it is, and a figure that changed shows its border once.
import { connect } from "./live";

const main = document.getElementById("main")!;
connect(() => main.dataset.watch!);

main.addEventListener("input", (e) => {
  const form = (e.target as Element).closest("form");
  if (form) form.dataset.kept = "";
});

if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
  new MutationObserver((list) => {
    for (const m of list) {
      const box = m.target.parentElement?.closest("td, .fact, .chip");
      box?.animate([{ outline: "2px solid var(--accent)" }, { outline: "2px solid transparent" }], 600);
    }
  }).observe(main, { characterData: true, subtree: true });
}
