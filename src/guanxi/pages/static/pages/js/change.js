// A form of choices that only show something else is sent as soon as one is made; its button does the same without this.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-gx-change]");
  if (form && event.target.matches("select")) form.requestSubmit();
});
