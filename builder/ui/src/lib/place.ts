// A fieldset with data-place takes the device's position into its hidden inputs when its button is
// pressed; what it says is in data-taken and data-refused.
document.addEventListener("click", (e) => {
  const button = (e.target as Element).closest<HTMLButtonElement>("[data-place] button");
  const box = button?.closest<HTMLElement>("[data-place]");
  if (!button || !box) return;
  const name = box.dataset.place!;
  const status = box.querySelector<HTMLElement>("[role=status]")!;
  const put = (key: string, n: number) =>
    (box.querySelector<HTMLInputElement>(`[name="${name}.${key}"]`)!.value = String(n));
  const refused = () => (status.textContent = box.dataset.refused!);
  if (!navigator.geolocation) return refused();
  button.disabled = true;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      button.disabled = false;
      put("lat", coords.latitude);
      put("lng", coords.longitude);
      put("accuracy", coords.accuracy);
      status.textContent = box.dataset.taken!.replace("%s", String(Math.round(coords.accuracy)));
    },
    () => {
      button.disabled = false;
      refused();
    },
    { enableHighAccuracy: true, timeout: 15000 },
  );
});

export {};
