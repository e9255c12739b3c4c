/* One press of a button that posts. A lost answer is not a lost request: the press has a key that the shop stores, so
   that it can be sent again and counts once. Until an answer arrives, pressing the same button again is the same press. */

const PATIENCE_MS = 12_000;
const AGAIN_MS = 1_000;
/* Keys of presses without an answer, by the data posted. */
const unanswered = new Map();

/* The shop refused: `message` is its sentence, meant for people. */
export class Refusal extends Error {}

/* No readable answer: nobody knows whether the shop did it. */
export class NoAnswer extends Error {
  constructor() {
    super(document.querySelector("[data-no-answer]")?.dataset.noAnswer ?? "");
  }
}

/* Post a form and return the page that answers, with `ok` and `url` of the answer. Throws NoAnswer. */
export async function postForPage(form, submitter) {
  try {
    const url = submitter?.hasAttribute("formaction") ? submitter.formAction : form.action;
    const answer = await fetch(url, { method: "POST", body: new FormData(form, submitter) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return { page, ok: answer.ok, url: answer.url };
  } catch {
    throw new NoAnswer();
  }
}

const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const pause = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

export class Press {
  /* The form's current data, including the pressed button's value. */
  constructor(form, submitter) {
    this.url = form.action;
    this.body = new URLSearchParams(new FormData(form, submitter));
    this.name = `${this.url}?${this.body}`;
    this.body.set("press", unanswered.get(this.name)?.shift() ?? newKey());
  }

  /* Return the parsed answer. Throws Refusal or NoAnswer, the latter if a second attempt fails too. */
  async send() {
    try {
      return await this.attempt();
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
    }
    await pause(AGAIN_MS);
    try {
      return await this.attempt();
    } catch (error) {
      if (error instanceof NoAnswer) this.keep();
      throw error;
    }
  }

  keep() {
    unanswered.set(this.name, [...(unanswered.get(this.name) ?? []), this.body.get("press")]);
  }

  async attempt() {
    const headers = { Accept: "application/json", "X-Requested-With": "fetch" };
    let answer = null;
    let data = null;
    try {
      answer = await fetch(this.url, {
        method: "POST",
        body: this.body,
        headers,
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      data = await answer.json();
    } catch {
      throw new NoAnswer();
    }
    if (answer.ok) return data;
    if (!data?.message) throw new NoAnswer();
    throw new Refusal(data.message);
  }
}
