// What the client's methods stand on: asking, waiting where the server says so, streams and the feed.

/** A problem that the server told: see docs/operations.md, Errors. */
export class ProblemError extends Error {
  constructor(problem) {
    super([problem.code, problem.title, problem.detail].filter(Boolean).join(": "));
    this.problem = problem;
  }
}

const sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    const gone = () => (clearTimeout(timer), reject(signal.reason));
    const timer = setTimeout(() => (signal?.removeEventListener("abort", gone), resolve()), ms);
    signal?.aborted ? gone() : signal?.addEventListener("abort", gone, { once: true });
  });

// backoff doubles with every try, up to half a minute.
const backoff = (n) => Math.min(50 * 2 ** Math.min(n, 12), 30_000) + Math.random() * 100;

/** An id that nobody else makes. */
export const newID = () => globalThis.crypto.randomUUID().replaceAll("-", "");

const named = (record) => (record.id ? record : { ...record, id: newID() });

async function problemIn(answer) {
  const text = await answer.text();
  try {
    const problem = JSON.parse(text);
    if (problem.code) return new ProblemError(problem);
  } catch {
    // it came from something in front of the server
  }
  return new Error(`${answer.status}: ${text.slice(0, 200)}`);
}

// lines are those of a body, as they come.
async function* lines(body) {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop();
    yield* parts;
  }
  if (rest) yield rest;
}

export class Base {
  constructor({ base, key, lang = "", tries = 8, fetch = globalThis.fetch }) {
    this.base = base.replace(/\/$/, "");
    this.headers = { Authorization: `Bearer ${key}`, ...(lang && { "Accept-Language": lang }) };
    this.tries = tries;
    this.fetch = fetch;
  }

  // send sends a request until it is answered with something else than that it has to wait.
  async send(method, path, init = {}) {
    for (let n = 1; ; n++) {
      let answer;
      try {
        answer = await this.fetch.call(undefined, this.base + path,
          { ...init, method, headers: { ...this.headers, ...init.headers } });
      } catch (why) {
        if (method !== "GET" || n === this.tries || init.signal?.aborted) throw why;
        await sleep(backoff(n), init.signal);
        continue;
      }
      if (answer.ok) return answer;
      const problem = await problemIn(answer);
      const after = answer.headers.get("Retry-After");
      if (![429, 503].includes(answer.status) || !/^\d+$/.test(after ?? "") || n === this.tries) throw problem;
      await sleep(Math.max(Number(after) * 1000, backoff(n)), init.signal);
    }
  }

  async ask(method, path, body, query = {}) {
    const q = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined && one !== null) q.append(name, String(one));
      }
    }
    const init = body === undefined ? {}
      : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    const answer = await this.send(method, path + (q.size ? `?${q}` : ""), init);
    const text = await answer.text();
    return text ? JSON.parse(text) : undefined;
  }

  /** Submits records, 1000 at most. Those without an id get one first: trying again is safe. */
  submit(workspace, records) {
    return this.ask("POST", `/v1/${encodeURIComponent(workspace)}/records`, records.map(named));
  }

  /** Submits records a line each, and yields the decision on each as it comes. */
  async *stream(workspace, records, { signal } = {}) {
    let text = "";
    for await (const r of records) text += JSON.stringify(named(r)) + "\n";
    const answer = await this.send("POST", `/v1/${encodeURIComponent(workspace)}/records`,
      { body: text, headers: { "Content-Type": "application/x-ndjson" }, signal });
    for await (const line of lines(answer.body)) {
      if (!line) continue;
      const decision = JSON.parse(line);
      if (decision.problem) throw new ProblemError(decision.problem);
      yield decision;
    }
  }

  /** Yields the decisions after an entry and those that are made, and comes back where it breaks. */
  async *feed(workspace, after = 0, { signal } = {}) {
    for (let n = 1; !signal?.aborted; n++) {
      try {
        const answer = await this.send("GET", `/v1/${encodeURIComponent(workspace)}/feed?after=${after}`,
          { signal });
        for await (const line of lines(answer.body)) {
          if (!line.startsWith("data:")) continue;
          const decision = JSON.parse(line.slice(5));
          if (decision.seq <= after) continue;
          yield decision;
          after = decision.seq;
          n = 1;
        }
      } catch (why) {
        if (signal?.aborted) return;
        if (why instanceof ProblemError && why.problem.status < 500 && why.problem.status !== 429) throw why;
      }
      try {
        await sleep(backoff(n), signal);
      } catch {
        return;
      }
    }
  }

  /** Sends files that records will name, 10 at most: names and what is in them. */
  async sendFiles(workspace, files) {
    const form = new FormData();
    for (const { name, data } of files) form.append("file", new Blob([data]), name);
    const answer = await this.send("POST", `/v1/${encodeURIComponent(workspace)}/files`, { body: form });
    return answer.json();
  }
}
