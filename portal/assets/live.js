// Asks for a page anew when something that it shows has changed. Without this script, its reader does.
const region = document.querySelector("[data-live]");
const says = document.querySelector("[data-live-says]");
const TRIES_AGAIN = 10_000; // milliseconds
let pending = false;

const watched = () => region.dataset.live.split(" ");
const isWatched = (...names) => names.some((name) => watched().includes(name));
const isTypedInto = () => region.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");

async function renew() {
  if (isTypedInto()) {
    pending = true; // nobody's typing is taken away
    return;
  }
  pending = false;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (answer.redirected || !answer.ok) {
    location.reload();
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const newer = page.querySelector("[data-live]");
  if (!newer) {
    location.reload(); // it has come to what another page shows
    return;
  }
  if (newer.innerHTML === region.innerHTML) return;
  region.replaceChildren(...document.importNode(newer, true).childNodes);
  region.dataset.live = newer.dataset.live;
  region.dataset.says = newer.dataset.says;
  document.title = page.title;
  says.textContent = newer.dataset.says;
}

function watch() {
  const source = new EventSource("/live");
  source.addEventListener("change", (event) => {
    const { kind, subject } = JSON.parse(event.data);
    if (kind === "missed" || kind === "ready" || isWatched(kind, subject)) renew();
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(watch, TRIES_AGAIN);
  });
}

if (region) {
  region.addEventListener("focusout", () => setTimeout(() => pending && renew()));
  watch();
}
