// Asks the browser for a passkey, and sends what it answers as an ordinary form. Without scripts, or in a browser
// that knows no passkeys, what it would offer stays hidden.

const known =
  window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.PublicKeyCredential?.parseCreationOptionsFromJSON;

const ways = {
  get: async (options) =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
  create: async (options) =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
};

async function options(form) {
  const told = new URLSearchParams({ form_token: form.elements.form_token.value });
  const answer = await fetch(form.dataset.options, { method: "POST", body: told, redirect: "error" });
  if (!answer.ok) throw new Error(`options: ${answer.status}`);
  return answer.json();
}

async function send(form) {
  const said = form.querySelector("[role=status]");
  said.textContent = "";
  try {
    const credential = await ways[form.dataset.passkey](await options(form));
    form.elements.credential.value = JSON.stringify(credential);
  } catch {
    said.textContent = "Nothing was done with a passkey. You can try again.";
    return;
  }
  form.submit();
}

function offer(form) {
  form.addEventListener("submit", (event) => {
    // A name that is missing is for the page to say.
    if (form.elements.name && !form.elements.name.value.trim()) return;
    event.preventDefault();
    send(form);
  });
  form.hidden = false;
}

if (known) {
  document.querySelectorAll("form[data-passkey]").forEach(offer);
  document.querySelectorAll("[data-without-passkey]").forEach((each) => (each.hidden = true));
}
