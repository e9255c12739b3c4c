// The answer to a scan: a tone and a buzz beside word and colour; a hand scanner's next code is read here too.
// The button posts without leaving the page, because browsers make no sound on a page nobody has touched.

import { NoAnswer, postForPage } from "../press.js";

const TONES = {
  ok: [
    [880, 0.12],
    [1320, 0.18],
  ],
  ask: [[880, 0.1]],
  wait: [[440, 0.25]],
  seen: [
    [520, 0.12],
    [390, 0.25],
  ],
  stop: [[220, 0.45]],
};
const BUZZES = { ok: [60], ask: [40], wait: [80, 60, 80], seen: [80, 60, 80, 60, 80], stop: [300] };

function sound(notes) {
  const audio = new AudioContext();
  audio.resume().then(() => {
    let at = audio.currentTime;
    for (const [pitch, length] of notes) {
      const note = audio.createOscillator();
      const gain = audio.createGain();
      gain.gain.value = 0.15;
      note.frequency.value = pitch;
      note.connect(gain).connect(audio.destination);
      note.start(at);
      note.stop(at + length);
      at += length;
    }
  });
}

function announce() {
  const served = document.body.dataset.screen === "ok" && /\/c\/([0-9A-Z]{26})\//.exec(location.pathname);
  if (served) sessionStorage.setItem("staff-done", served[1]);
  if (!navigator.userActivation?.hasBeenActive) return;
  const tone = document.body.dataset.screen;
  navigator.vibrate?.(BUZZES[tone] ?? []);
  sound(TONES[tone] ?? []);
}

async function post(form, button) {
  const { page, url } = await postForPage(form, button);
  // Signed out, or the page is stale: show the answer as a page of its own.
  if (!page.body.dataset.screen) {
    sendPlainly(form, button);
    return;
  }
  history.replaceState(null, "", url);
  document.title = page.title;
  document.body.className = page.body.className;
  Object.assign(document.body.dataset, page.body.dataset);
  document.getElementById("main").replaceWith(page.getElementById("main"));
  announce();
  clearLater();
}

function sendPlainly(form, button) {
  const taken = document.createElement("input");
  Object.assign(taken, { type: "hidden", name: button.name, value: button.value });
  form.append(taken);
  form.submit();
}

// The answer clears by itself for the next customer; touching the page keeps it for as long again.
let clearing = null;
function clearLater() {
  clearTimeout(clearing);
  const { clear, clearTo } = document.getElementById("main").dataset;
  if (clearTo) clearing = setTimeout(() => location.assign(clearTo), Number(clear) * 1000);
}
for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, clearLater);

document.addEventListener("submit", (event) => {
  const form = event.target.closest(".scan__ways");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  // No answer: the nonce in the form makes it safe to press again.
  post(form, event.submitter).catch((error) => {
    if (!(error instanceof NoAnswer)) throw error;
    delete form.dataset.busy;
    document.querySelector(".scan__sub").textContent = error.message;
  });
});

// Enter ends a scanned code; with nothing typed before it, it presses the focused button as usual.
let typed = "";
let since = 0;
document.addEventListener("keydown", (event) => {
  const find = document.querySelector("[data-find]");
  if (!find || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.timeStamp - since > 500) typed = "";
  since = event.timeStamp;
  if (event.key.length === 1) typed += event.key;
  if (event.key !== "Enter" || typed.length < 8) return;
  event.preventDefault();
  find.elements.q.value = typed;
  find.submit();
});

announce();
clearLater();
