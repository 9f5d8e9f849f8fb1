// The address always says which days a page shows, also where the choice was made on another one: it can be sent as it is.
const period = document.querySelector("[data-gx-period]");
if (period) {
  const address = new URL(location);
  const asked = new URLSearchParams(period.dataset.gxPeriod);
  if (![...asked.keys()].some((name) => address.searchParams.has(name))) {
    for (const [name, value] of asked) address.searchParams.set(name, value);
    history.replaceState(history.state, "", address);
  }
}
