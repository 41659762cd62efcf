// A button with data-opens=ID opens the dialog of that id.
document.addEventListener("click", (e) => {
  const by = (e.target as Element).closest<HTMLElement>("[data-opens]");
  const dialog = by && document.getElementById(by.dataset.opens!);
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
});

export {};
