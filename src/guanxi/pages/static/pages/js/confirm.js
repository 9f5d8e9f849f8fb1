// A question before what cannot be undone becomes a modal: the page behind it cannot be reached, Cancel has the focus.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[popovertarget]");
  const dialog = opener && document.getElementById(opener.getAttribute("popovertarget"));
  if (!dialog?.matches("dialog[data-gx-confirm]")) return;
  event.preventDefault();
  if (opener.hasAttribute("data-gx-cancel")) {
    dialog.close();
    return;
  }
  dialog.removeAttribute("popover");
  dialog.showModal();
  dialog.querySelector("[data-gx-cancel]").focus();
});
