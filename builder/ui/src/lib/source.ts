// The text: an editor whose every change the server takes or gives back. One batch is on its way at
// a time, what others did comes in between, and nothing goes in or out while a word is composed.
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { collab, getClientID, getSyncedVersion, receiveUpdates, sendableUpdates } from "@codemirror/collab";
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { bracketMatching, codeFolding, foldGutter, foldKeymap, foldService, HighlightStyle, indentUnit, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { ChangeSet, EditorState, StateEffect, StateField, Transaction } from "@codemirror/state";
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  hoverTooltip,
  keymap,
  lineNumbers,
  WidgetType,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { give, mostText, onUpdate, send, tooLarge } from "./live";
import { ask } from "./offers";
import { keep, left } from "./unsent";
import type { Caret, Diags, Told, Update } from "./wire";

/** start makes the editor in a pane. What it returns is the revision, for the socket's address. */
export function start(pane: HTMLElement) {
  const file = pane.dataset.file!;
  const may = pane.dataset.may === "true";
  let flying = false;
  let waiting: Update[] = [];
  let diags: Diags | undefined;

  let folds: number[][] = [];
  const ready: (() => void)[] = [];

  // Questions are about the text that the server has: they wait until it has ours.
  const synced = () =>
    new Promise<void>((done) => (sendableUpdates(view.state).length ? ready.push(done) : done()));
  const here = (at: number) => ({ file, rev: getSyncedVersion(view.state), at });

  const complete = async (c: import("@codemirror/autocomplete").CompletionContext) => {
    if (!c.explicit && !c.matchBefore(/[\p{L}\p{N}_.%("]$/u)) return null;
    await synced();
    if (c.aborted) return null;
    return new Promise<import("@codemirror/autocomplete").CompletionResult | null>((done) =>
      ask(here(c.pos), (o) =>
        done(
          !o.list.length
            ? null
            : {
                from: o.from,
                to: Math.max(o.to, c.pos),
                filter: false,
                options: o.list.map((x) => ({ label: x.label, apply: x.text, detail: x.detail, type: x.kind })),
              },
        ),
      ),
    );
  };

  let questions = 0;
  let wants: ((t: Told) => void) | undefined;
  onUpdate((u) => u.told?.ask === questions && wants?.(u.told));
  const explain = async (_: EditorView, pos: number) => {
    await synced();
    return new Promise<import("@codemirror/view").Tooltip | null>((done) => {
      wants = (t) =>
        done(
          t.html
            ? {
                pos: t.from,
                end: t.to,
                create: () => {
                  const dom = document.createElement("div");
                  dom.innerHTML = t.html!; // the server's own, escaped there
                  return { dom };
                },
              }
            : null,
        );
      send({ do: "hover", ask: ++questions, ...here(pos) });
    });
  };

  const tool = async (what: string) => {
    const at = view.state.selection.main.head;
    await synced();
    if (what === "rename") {
      const dialog = document.getElementById("rename") as HTMLDialogElement | null;
      if (!dialog) return;
      const input = dialog.querySelector("input")!;
      const word = view.state.wordAt(at);
      input.value = word ? view.state.sliceDoc(word.from, word.to) : "";
      dialog.showModal();
      input.select();
      dialog.onclose = () => view.focus();
      dialog.querySelector<HTMLFormElement>("form.stack")!.onsubmit = (e) => {
        const text = input.value.trim();
        if (!text) return;
        e.preventDefault();
        give(dialog, { do: "rename", ...here(at), text });
      };
    } else send({ do: what, ...here(at) });
  };
  document.addEventListener("click", (e) => {
    const by = (e.target as HTMLElement).closest<HTMLElement>("[data-text-do]");
    if (by) tool(by.dataset.textDo!);
  });

  let telling = 0;
  const tellCaret = () => {
    clearTimeout(telling);
    telling = window.setTimeout(async () => {
      await synced();
      const s = view.state.selection.main;
      send({ do: "caret", ...here(s.head), index: s.anchor });
    }, 120);
  };

  const unsent = left(pane, (text) => {
    view.dispatch(view.state.replaceSelection(text));
    view.focus();
  });
  const view: EditorView = new EditorView({
    parent: pane,
    state: EditorState.create({
      doc: unsent?.doc ?? pane.querySelector("pre")!.textContent!,
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
        foldService.of((state, from) => {
          const n = state.doc.lineAt(from).number - 1;
          const fold = folds.find((f) => f[0] === n);
          if (!fold || fold[1] >= state.doc.lines) return null;
          return { from: state.doc.line(n + 1).to, to: state.doc.line(fold[1] + 1).to };
        }),
        codeFolding({ placeholderText: "…" }),
        foldGutter(),
        autocompletion({ override: [complete], icons: false }),
        hoverTooltip(explain),
        others,
        drawSelection(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        bracketMatching(),
        EditorView.lineWrapping,
        collab({ startVersion: unsent?.rev ?? Number(pane.dataset.rev), clientID: unsent?.by }),
        StreamLanguage.define(language(new Set(JSON.parse(pane.dataset.words!) as string[]))),
        syntaxHighlighting(colours),
        keymap.of([
          { key: "Mod-z", run: () => send({ do: "undo" }), preventDefault: true },
          { key: "Mod-y", run: () => send({ do: "redo" }), preventDefault: true },
          { key: "Mod-Shift-z", run: () => send({ do: "redo" }), preventDefault: true },
          { key: "F2", run: () => (tool("rename"), true) },
          { key: "F12", run: () => (tool("define"), true) },
          { key: "Shift-Alt-f", run: () => (tool("format"), true) },
          ...completionKeymap,
          ...foldKeymap,
          ...searchKeymap,
          ...defaultKeymap,
          indentWithTab,
        ]),
        EditorView.contentAttributes.of({ "aria-labelledby": "text-label", "aria-describedby": "text-leave", spellcheck: "false", tabindex: "0" }),
        theme,
        EditorView.updateListener.of((u) => {
          if (u.docChanged) push();
          if (u.selectionSet || u.docChanged) tellCaret();
        }),
      ],
    }),
  });
  pane.querySelector("pre")!.remove();
  pane.tabIndex = -1;
  let theirs = view.state.doc; // as the server has it

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
      const list = u.changes.map((c) => ({ changes: ChangeSet.fromJSON(c.set), clientID: c.by }));
      theirs = list.reduce((text, c) => c.changes.apply(text), theirs);
      view.dispatch(receiveUpdates(view.state, list));
      flying = false;
    }
    if (u.diags) {
      diags = u.diags;
      folds = u.diags.folds ?? [];
    }
    if (u.carets?.rev === getSyncedVersion(view.state) && !sendableUpdates(view.state).length) {
      view.dispatch({ effects: setOthers.of(u.carets.list) });
    }
    if (u.go) {
      if (u.go.file === file) go(u.go.at ?? 0, u.go.quiet);
      else location.href = u.go.href;
    }
    show();
    push();
    if (!sendableUpdates(view.state).length) for (const f of ready.splice(0)) f();
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

  for (const set of unsent?.sets ?? []) view.dispatch({ changes: ChangeSet.fromJSON(set) });
  addEventListener("pagehide", () =>
    keep(pane, getSyncedVersion(view.state), getClientID(view.state), theirs, sendableUpdates(view.state).map((u) => u.changes)),
  );

  const go = (from: number, quiet = false) => {
    from = Math.min(from, view.state.doc.length);
    view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    if (!quiet) view.focus();
  };
  const line = Number(/^#L(\d+)$/.exec(location.hash)?.[1] ?? pane.dataset.line);
  if (line) go(view.state.doc.line(Math.min(line, view.state.doc.lines)).from);
  document.addEventListener("click", (e) => {
    const at = (e.target as HTMLElement).closest<HTMLElement>("#problems a[data-from]");
    if (at?.dataset.file !== file) return;
    e.preventDefault();
    go(Number(at.dataset.from));
  });
  pane.classList.add("ready");
  Object.assign(pane, { view }); // for tests
  return () => {
    flying = false; // what was on its way may not have come: it is asked again
    return `&rev=${getSyncedVersion(view.state)}`;
  };
}

// Where the others are: a line in their colour with their name, and what they have selected.
const setOthers = StateEffect.define<Caret[]>();

class Flag extends WidgetType {
  constructor(readonly who: Caret) {
    super();
  }
  eq(o: Flag) {
    return o.who.name === this.who.name && o.who.hue === this.who.hue;
  }
  toDOM() {
    const e = document.createElement("span");
    e.className = `other hue-${this.who.hue}`;
    e.dataset.name = this.who.name;
    e.setAttribute("aria-hidden", "true");
    return e;
  }
}

const others = StateField.define({
  create: () => Decoration.none,
  update(all, t) {
    all = all.map(t.changes);
    for (const e of t.effects) {
      if (!e.is(setOthers)) continue;
      const end = t.state.doc.length;
      all = Decoration.set(
        e.value.flatMap((c) => {
          const [from, to] = [Math.min(c.at, c.to, end), Math.min(Math.max(c.at, c.to), end)];
          const flag = Decoration.widget({ widget: new Flag(c), side: 1 }).range(Math.min(c.at, end));
          return from < to ? [Decoration.mark({ class: `chosen hue-${c.hue}` }).range(from, to), flag] : [flag];
        }),
        true,
      );
    }
    return all;
  },
  provide: (f) => EditorView.decorations.from(f),
});

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
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 8px !important" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent-soft) !important",
    color: "var(--text) !important",
  },
  ".cm-completionDetail": { color: "var(--text-2)", fontStyle: "normal" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--sunken)", border: "0", color: "var(--text-2)", padding: "0 6px" },
  ".cm-foldGutter span": { color: "var(--text-3)" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--text)" },
});
