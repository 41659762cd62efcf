// Run by client_test.go against a real server: node test.mjs BASE KEY
import assert from "node:assert/strict";
import { Client, ProblemError } from "./index.js";

const [base, key] = process.argv.slice(2);
const c = new Client({ base, key });

const made = await c.submit("east", [{ type: "Rep", id: "li", name: "Li" }, { type: "Visit", rep: "li", n: 9 }]);
assert.deepEqual(made.map((d) => d.outcome), ["accepted", "accepted"]);

const tasks = await c.tasks("east", { for: "li" });
assert.equal(tasks.tasks.length, 1);

async function* visits() {
  for (let n = 0; n < 300; n++) yield { type: "Visit", rep: "li", n };
}
let answered = 0;
for await (const d of c.stream("east", visits())) {
  assert.equal(d.outcome, "accepted");
  answered++;
}
assert.equal(answered, 300);

const state = await c.stateRecord("east", "Rep", "li", { expr: ["name", "count(Visit)"] });
assert.deepEqual(state.rows[0].values, ["Li", 301]);

const stop = new AbortController();
const seqs = [];
for await (const d of c.feed("east", made[1].seq, { signal: stop.signal })) {
  seqs.push(d.seq);
  if (seqs.length >= 300) break;
}
assert.equal(new Set(seqs).size, seqs.length);
assert.ok(seqs.every((s, i) => i === 0 || s > seqs[i - 1]));

const { files } = await c.sendFiles("east", [{ name: "a.txt", data: "text" }]);
assert.equal(files[0].size, 4);

await assert.rejects(c.tasks("none"), (why) => why instanceof ProblemError && why.problem.code === "unknown-workspace");

let tries = 0;
const busy = new Client({ base, key, fetch: (...args) => (++tries < 3
  ? Promise.resolve(new Response('{"code":"busy","title":"busy","status":429}', { status: 429, headers: { "Retry-After": "0" } }))
  : fetch(...args)) });
await busy.tasks("east");
assert.equal(tries, 3);
console.log("fine");
