// A live card waits with its next look while the reader points at it or has the focus in it.
document.addEventListener("htmx:before:request", (event) => {
  const source = event.detail.ctx?.sourceElement;
  if (!source?.hasAttribute?.("data-gx-live")) return;
  if (source.matches(":hover, :focus-within")) event.preventDefault();
});
