// say tells a text to whoever listens to the page instead of looking at it, and to whoever looks:
// what went wrong stays a while at the foot of the page, or in the dialog that is open. The same text twice is told twice.
let timer = 0;

export function say(text: string, wrong = false) {
  const at = document.querySelector("dialog:modal [data-say]") ?? document.getElementById("say");
  if (!at || !text) return;
  at.textContent = "";
  clearTimeout(timer);
  requestAnimationFrame(() => {
    at.textContent = text;
    at.className = wrong ? "banner wrong" : "unseen";
    timer = setTimeout(() => (at.className = "unseen"), 8000);
  });
}
