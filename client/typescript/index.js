export { ProblemError, newID } from "./base.js";
export { Client } from "./generated.js";
