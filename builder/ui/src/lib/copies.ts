// A button with data-copies=ID puts that control's value on the clipboard and says so.
import { say } from "./say";

for (const b of document.querySelectorAll<HTMLButtonElement>("[data-copies]")) {
  if (navigator.clipboard) b.hidden = false;
}
document.addEventListener("click", (e) => {
  const b = (e.target as Element).closest<HTMLButtonElement>("[data-copies]");
  const from = b && (document.getElementById(b.dataset.copies!) as HTMLInputElement);
  if (!b || !from) return;
  from.select();
  navigator.clipboard.writeText(from.value).then(() => say((b.textContent = b.dataset.said!)));
});

export {};
