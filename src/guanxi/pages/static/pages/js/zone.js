// The zone this browser's clock is in, for the form of somebody's first visit.
for (const field of document.querySelectorAll("input[data-gx-zone]")) {
  field.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone;
}
