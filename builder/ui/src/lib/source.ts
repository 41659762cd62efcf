// The text: an editor whose every change the server takes or gives back. One batch is on its way at
// a time, what others did comes in between, and nothing goes in or out while a word is composed.
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { collab, getClientID, getSyncedVersion, receiveUpdates, sendableUpdates } from "@codemirror/collab";
import { bracketMatching, HighlightStyle, indentUnit, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { ChangeSet, EditorState, Transaction } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { mostText, onUpdate, send, tooLarge } from "./live";
import type { Diags, Update } from "./wire";

/** start makes the editor in a pane. What it returns is the revision, for the socket's address. */
export function start(pane: HTMLElement) {
  const file = pane.dataset.file!;
  const may = pane.dataset.may === "true";
  let flying = false;
  let waiting: Update[] = [];
  let diags: Diags | undefined;

  const view = new EditorView({
    parent: pane,
    state: EditorState.create({
      doc: pane.querySelector("pre")!.textContent!,
      extensions: [
        EditorView.cspNonce.of(document.querySelector<HTMLScriptElement>("script[nonce]")!.nonce),
        EditorState.readOnly.of(!may),
        // What the server would not take is not taken here either: else it were lost later.
        EditorState.changeFilter.of((t) => {
          const fits = !t.annotation(Transaction.userEvent) || t.newDoc.length <= mostText;
          if (!fits) setTimeout(tooLarge);
          return fits;
        }),
        EditorState.tabSize.of(2),
        indentUnit.of("  "),
        lineNumbers(),
        lintGutter(),
        drawSelection(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        bracketMatching(),
        EditorView.lineWrapping,
        collab({ startVersion: Number(pane.dataset.rev) }),
        StreamLanguage.define(language(new Set(JSON.parse(pane.dataset.words!) as string[]))),
        syntaxHighlighting(colours),
        keymap.of([
          { key: "Mod-z", run: () => send({ do: "undo" }), preventDefault: true },
          { key: "Mod-y", run: () => send({ do: "redo" }), preventDefault: true },
          { key: "Mod-Shift-z", run: () => send({ do: "redo" }), preventDefault: true },
          ...searchKeymap,
          ...defaultKeymap,
          indentWithTab,
        ]),
        EditorView.contentAttributes.of({ "aria-label": pane.dataset.label!, spellcheck: "false" }),
        theme,
        EditorView.updateListener.of((u) => u.docChanged && push()),
      ],
    }),
  });
  pane.querySelector("pre")!.remove();
  pane.tabIndex = -1;

  const push = () => {
    const ours = sendableUpdates(view.state);
    if (flying || view.composing || !ours.length) return;
    flying = send({
      do: "edit",
      file,
      by: getClientID(view.state),
      rev: getSyncedVersion(view.state),
      sets: ours.map((u) => u.changes.toJSON()),
    });
  };
  const take = (u: Update) => {
    if (u.changes) {
      view.dispatch(
        receiveUpdates(view.state, u.changes.map((c) => ({ changes: ChangeSet.fromJSON(c.set), clientID: c.by }))),
      );
      flying = false;
    }
    if (u.diags) diags = u.diags;
    show();
    push();
  };
  // What the server says of its text is true of ours only where nothing of ours is unsent.
  const show = () => {
    if (!diags || diags.rev !== getSyncedVersion(view.state) || sendableUpdates(view.state).length) return;
    const list = diags.list.map((d) => ({
      from: d.from,
      to: Math.min(view.state.doc.length, Math.max(d.to, d.from + 1)),
      severity: d.severity as "error" | "warning" | "info",
      message: d.message,
      source: d.code,
    }));
    diags = undefined;
    view.dispatch(setDiagnostics(view.state, list));
  };
  onUpdate((u) => (view.composing ? waiting.push(u) : take(u)));
  view.contentDOM.addEventListener("compositionend", () =>
    setTimeout(() => {
      const all = waiting;
      waiting = [];
      all.forEach(take);
      push();
    }),
  );

  const go = (from: number) => {
    view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    view.focus();
  };
  const line = Number(/^#L(\d+)$/.exec(location.hash)?.[1] ?? pane.dataset.line);
  if (line) go(view.state.doc.line(Math.min(line, view.state.doc.lines)).from);
  document.addEventListener("click", (e) => {
    const at = (e.target as HTMLElement).closest<HTMLElement>("#problems a[data-from]");
    if (at?.dataset.file !== file) return;
    e.preventDefault();
    go(Math.min(Number(at.dataset.from), view.state.doc.length));
  });
  pane.classList.add("ready");
  Object.assign(pane, { view }); // for tests
  return () => {
    flying = false; // what was on its way may not have come: it is asked again
    return `&rev=${getSyncedVersion(view.state)}`;
  };
}

/** language colours both vocabularies; what is meant is the server's to say. */
const language = (words: Set<string>) => ({
  token(s: import("@codemirror/language").StringStream) {
    if (s.eatSpace()) return null;
    if (s.match("//")) {
      s.skipToEnd();
      return "comment";
    }
    if (s.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
    if (s.match(/^\d[\d_]*(?:\.\d+)?(?:-\d\d-\d\d|:\d\d)?(?:[a-z%]+|个?[\u4e00-\u9fff]{1,4})?/)) return "number";
    if (s.match(/^[\p{L}_][\p{L}\p{N}_]*/u)) {
      const w = s.current();
      return words.has(w) ? "keyword" : /^\p{Lu}/u.test(w) ? "typeName" : "variableName";
    }
    s.next();
    return "punctuation";
  },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-key)" },
  { tag: tags.string, color: "var(--code-str)" },
  { tag: tags.number, color: "var(--code-num)" },
  { tag: tags.comment, color: "var(--code-note)" },
  { tag: tags.typeName, fontWeight: "600" },
]);

const theme = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "13px", minHeight: "50vh" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--accent)", padding: "12px 0" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-3)", border: "0" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent-soft) 45%, transparent)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--accent-soft)",
  },
  ".cm-selectionMatch": { backgroundColor: "var(--info-soft)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", color: "inherit" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", border: "1px solid var(--line)", borderRadius: "6px" },
  ".cm-diagnostic": { padding: "6px 10px", fontFamily: "var(--sans)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-diagnosticSource": { color: "var(--text-3)", opacity: "1" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--text)" },
});
