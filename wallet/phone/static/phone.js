// What works better with scripts. Nothing needs them.

const after = document.body.dataset.after;

// A page that waits shows what has changed; unless the person is typing: then it says so.
async function watch() {
  for (;;) {
    try {
      const answer = await fetch(`/changes?after=${after}`);
      if (answer.ok && String((await answer.json()).last) !== after) break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
  const typed = [...document.querySelectorAll("input[type=text], textarea")];
  const busy = typed.some((field) => field.value || field === document.activeElement);
  if (busy) document.getElementById("something-new").hidden = false;
  else location.reload();
}

// The camera, where the browser reads QR codes by itself.
async function offerCamera() {
  const button = document.getElementById("use-camera");
  if (!button || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const formats = await window.BarcodeDetector.getSupportedFormats();
  if (!formats.includes("qr_code")) return;
  button.hidden = false;
  button.addEventListener("click", scan);
}

async function scan() {
  const video = document.getElementById("camera");
  const told = document.getElementById("camera-told");
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    told.textContent = "The camera could not be used. Paste the link instead.";
    return;
  }
  video.hidden = false;
  told.textContent = "Hold the camera over the QR code.";
  await video.play();
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  for (;;) {
    const [found] = await detector.detect(video).catch(() => []);
    if (found) {
      video.srcObject.getTracks().forEach((track) => track.stop());
      const field = document.getElementById("invitation");
      field.value = found.rawValue;
      field.form.submit();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

// An answer is sent once.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

document.querySelector(".problem")?.focus();
offerCamera();
if ("waits" in document.body.dataset) watch();
