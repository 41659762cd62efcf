// What every page runs. Pages are whole without it; it only adds what forms and links cannot do.
import "./lib/opens";
import "./lib/place";
import "./lib/copies";

document.documentElement.classList.add("script");
if (document.querySelector("[data-offline]")) import("./lib/queue");
if (document.querySelector("[data-again]")) import("./lib/again");
if (document.querySelector("[data-watch]")) import("./lib/watch");
if (document.querySelector("[data-lab]")) import("./lib/lab");
if (document.getElementById("desk")) import("./lib/desk");
