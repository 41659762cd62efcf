export { ProblemError, newID } from "./base.js";
export type { Record_ } from "./base.js";
export * from "./generated.js";
