// The grammar colours both vocabularies alike, and leaves a name that looks like a word alone.
const fs = require("node:fs");
const path = require("node:path");
const test = require("node:test");
const assert = require("node:assert");
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

const root = path.join(__dirname, "..");
const file = path.join(root, "syntaxes", "thru.tmLanguage.json");

async function load() {
  const wasm = fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(fs.readFileSync(file, "utf8"), file),
  });
  return registry.loadGrammar("source.thru");
}

// scopes says of each word of a text what it is coloured as.
function scopes(grammar, text) {
  const out = [];
  let state = textmate.INITIAL;
  for (const line of text.split("\n")) {
    const got = grammar.tokenizeLine(line, state);
    state = got.ruleStack;
    for (const token of got.tokens) {
      const word = line.slice(token.startIndex, token.endIndex).trim();
      const scope = token.scopes[token.scopes.length - 1].replace(/\.thru$/, "");
      if (word && scope !== "source.thru" && scope !== "source") {
        out.push(`${word} ${scope}`);
      }
    }
  }
  return out;
}

const english = `entity Store "Shop" {
  note text?
  stores list of Store
}
rule Big on Visit { when count(Order in 7d) >= 3 and not has note; do { task "see {name}" for owner due 3wd } }
at 2026-03-02T09:30 // done`;

const chinese = `对象 Store "Shop" {
  note 文本?
  stores 一组 Store
}
规则 Big 基于 Visit { 每当 计数(Order 属于 7天) >= 3 并且 并非 已有 note; 执行 { 任务 "see {name}" 针对 owner 期限 3个工作日 } }
时刻 2026-03-02T09:30 // done`;

test("both vocabularies are coloured alike", async () => {
  const grammar = await load();
  const kinds = (list) => list.map((s) => s.slice(s.lastIndexOf(" ") + 1));
  const en = scopes(grammar, english);
  const zh = scopes(grammar, chinese);
  assert.deepStrictEqual(kinds(zh), kinds(en));
  for (const want of [
    "entity keyword.declaration", "Store entity.name.type", "text support.type",
    "list of support.type", "rule keyword.declaration", "Big entity.name.type", "on keyword.other",
    "when keyword.control", "count support.function", "7d constant.numeric",
    "and keyword.operator.word", "has keyword.operator.word", "do keyword.control",
    "task keyword.control", "for keyword.other", "3wd constant.numeric",
    "2026-03-02T09:30 constant.numeric.moment", "// done comment.line.double-slash",
  ]) {
    assert.ok(en.includes(want), `${want} in\n${en.join("\n")}`);
  }
  assert.ok(!en.includes("note keyword.control"), "a field that is called like a word");
});

test("every policy of the repository is coloured, and no line for long", async () => {
  const grammar = await load();
  const policies = path.join(root, "..", "..", "..", "examples");
  let files = 0;
  for (const name of fs.readdirSync(policies, { recursive: true })) {
    if (name.endsWith(".thru")) {
      files++;
      assert.ok(scopes(grammar, fs.readFileSync(path.join(policies, name), "utf8")).length > 10, name);
    }
  }
  assert.ok(files > 0);
});
