// A page that says what failed offers the way back to the form it came from, where there is one.
for (const button of document.querySelectorAll("[data-gx-back]")) {
  button.hidden = history.length < 2 || !document.referrer.startsWith(location.origin);
  button.addEventListener("click", () => history.back());
}
