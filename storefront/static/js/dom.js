/* Small things the other modules share. */
export const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

/* Announce something to screen readers; with `shown` also on screen, for a while. */
let sayTimer = 0;
export function say(text, { shown = false } = {}) {
  // What lies behind an open dialog is not read out.
  const live = document.querySelector("dialog[open] [data-live]") ?? document.querySelector("[data-live]");
  if (!live) return;
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = text.replace(/\s+/g, " ").trim(); });
  live.className = shown ? "said" : "vh";
  clearTimeout(sayTimer);
  if (shown) sayTimer = setTimeout(() => { live.className = "vh"; }, 6000);
}

/* Another page of ours, parsed. Throws when it is not there. */
export async function fetchPage(url, signal) {
  const answer = await fetch(url, { headers: { Accept: "text/html" }, signal });
  if (!answer.ok) throw new Error(`${answer.status} from ${url}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/* The shop said no: `message` is its sentence, made for people. Any other error is about the network. */
export class Refusal extends Error {}

/* Post a form the way the page itself would and return the parsed JSON. Throws Refusal with the sentence to show. */
export async function send(form, submitter) {
  const body = new URLSearchParams(new FormData(form, submitter));
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json", "X-Requested-With": "fetch" } });
  if (!(answer.headers.get("Content-Type") || "").includes("json")) throw new Error(`no JSON from ${form.action}`);
  const data = await answer.json();
  if (!answer.ok) throw new Refusal(data.message);
  return data;
}

/* Send the form without scripts, the pressed button's value included. */
export function sendPlainly(form, submitter) {
  if (submitter?.name) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: submitter.name, value: submitter.value });
    form.append(field);
  }
  HTMLFormElement.prototype.submit.call(form);
}
