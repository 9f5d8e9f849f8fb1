// A form that asks for a passkey: the browser makes or shows one, and its answer is sent with the form.
const open = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const close = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const opened = (some = []) => some.map((each) => ({ ...each, id: open(each.id) }));

document.documentElement.dataset.gxPasskeys = window.PublicKeyCredential ? "yes" : "no";

async function asked(form) {
  const answer = await fetch(form.dataset.gxQuestion, {
    method: "POST",
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
  });
  if (answer.redirected) location.assign(answer.url); // the password was given too long ago
  if (!answer.ok || answer.redirected) throw new Error("not asked");
  const { publicKey } = await answer.json();
  publicKey.challenge = open(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = open(publicKey.user.id);
  publicKey.excludeCredentials = opened(publicKey.excludeCredentials);
  publicKey.allowCredentials = opened(publicKey.allowCredentials);
  return { publicKey };
}

function written(passkey) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (passkey.response[name]) response[name] = close(passkey.response[name]);
  const { id, type } = passkey;
  return JSON.stringify({ id, rawId: close(passkey.rawId), type, response, clientExtensionResults: {} });
}

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    if (!form.matches("[data-gx-passkey]") || form.elements.credential.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.gxAsking) return;
    form.dataset.gxAsking = "yes";
    const unanswered = form.querySelector("[data-gx-unanswered]");
    unanswered.hidden = true;
    try {
      form.elements.credential.value = written(await navigator.credentials[form.dataset.gxPasskey](await asked(form)));
      form.requestSubmit();
    } catch {
      unanswered.hidden = false;
    } finally {
      delete form.dataset.gxAsking;
      setTimeout(() => (form.elements.credential.value = "")); // an answer holds once
    }
  },
  true,
);
