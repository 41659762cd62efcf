// What was typed and not sent when the page goes stays in the tab, for whoever typed it. Where the
// same text comes again it is typed into it as it was; where the draft or the file is another by
// then, it is offered.
import { ChangeSet, type Text } from "@codemirror/state";
import { say } from "./say";

export type Unsent = {
  draft: string;
  file: string;
  rev: number;
  by: string;
  doc?: string; // the text at that revision, where there was room for it
  sets: unknown[];
  typed: string;
};

const key = "unsent " + document.documentElement.dataset.who + location.pathname.replace(/[^/]*$/, "");
let offered = "";

/** left is what goes on in the pane; what does not is offered, and put calls for it at the caret. */
export function left(pane: HTMLElement, put: (text: string) => void): Unsent | undefined {
  const was = JSON.parse(sessionStorage.getItem(key) ?? "{}") as Partial<Unsent> & { offered?: string };
  const { draft, file, rev } = pane.dataset;
  const fits = was.sets && was.draft === draft && was.file === file && (was.doc !== undefined || was.rev === +rev!);
  // What goes on is of one pane: a copy of this tab must not write under the same id as it.
  if (fits) sessionStorage.setItem(key, JSON.stringify({ typed: was.typed, offered: was.offered }));
  offered = [was.offered, fits ? "" : was.typed].filter(Boolean).join("\n");
  const box = document.getElementById("unsent");
  if (offered && box) {
    box.querySelector("textarea")!.value = offered;
    box.hidden = false;
    say(box.querySelector("strong")!.textContent!);
    box.addEventListener("click", (e) => {
      const by = (e.target as HTMLElement).closest<HTMLElement>("[data-unsent]");
      if (!by) return;
      box.hidden = true;
      const text = offered;
      offered = "";
      put(by.dataset.unsent === "put" ? text : "");
    });
  }
  return fits ? (was as Unsent) : undefined;
}

/** keep keeps what is not sent, when the page goes. */
export function keep(pane: HTMLElement, rev: number, by: string, doc: Text, sets: readonly ChangeSet[]) {
  if (!sets.length && !offered) return sessionStorage.removeItem(key);
  let typed = "";
  if (sets.length) sets.reduce((a, b) => a.compose(b)).iterChanges((_, __, ___, ____, text) => (typed += text + "\n"));
  const { draft, file } = pane.dataset;
  const rest = { typed: typed.trim(), offered };
  const whole = sets.length && { draft, file, rev, by, doc: doc.toString(), sets: sets.map((s) => s.toJSON()) };
  // A long text is the server's too: without it this goes on where it is as it was.
  for (const all of [{ ...rest, ...whole }, { ...rest, ...whole, doc: undefined }, rest]) {
    try {
      return sessionStorage.setItem(key, JSON.stringify(all));
    } catch {}
  }
}
