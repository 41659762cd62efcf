// A page of the draft: its socket, and what of it is drawn here. The editor comes only where a page
// shows the text.
import { connect } from "./live";
import "./board";
import { looked } from "./inspector";

const desk = document.getElementById("desk");
if (desk) {
  const pane = desk.querySelector<HTMLElement>("wf-text");
  let rev = () => "";
  const open = () => connect(() => desk.dataset.live! + rev() + looked());
  if (document.getElementById("bench-pinned")) import("./bench");
  if (pane) {
    import("./source").then((m) => {
      rev = m.start(pane);
      open();
    });
  } else open();
}

export {};
