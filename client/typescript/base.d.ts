import type { Decision, Problem, StoredFiles } from "./generated.js";

export declare class ProblemError extends Error {
  problem: Problem;
  constructor(problem: Problem);
}

export declare function newID(): string;

export type Record_ = { type: string; id?: string; [field: string]: unknown };

export declare class Base {
  constructor(options: {
    base: string;
    key: string;
    lang?: "" | "en" | "zh";
    tries?: number;
    fetch?: typeof globalThis.fetch;
  });
  submit(workspace: string, records: Record_[]): Promise<Decision[]>;
  stream(workspace: string, records: Iterable<Record_> | AsyncIterable<Record_>,
    options?: { signal?: AbortSignal }): AsyncGenerator<Decision>;
  feed(workspace: string, after?: number, options?: { signal?: AbortSignal }): AsyncGenerator<Decision>;
  sendFiles(workspace: string, files: { name: string; data: BlobPart }[]): Promise<StoredFiles>;
}
