/* Small things the other modules share. */
export const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

export const say = (text) => {
  const live = document.querySelector("[data-live]");
  if (live) { live.textContent = ""; requestAnimationFrame(() => { live.textContent = text; }); }
};

/* Post a form the way the page itself would; answers with the parsed JSON or throws the sentence to show. */
export async function send(form, submitter) {
  const body = new URLSearchParams(new FormData(form, submitter));
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json", "X-Requested-With": "fetch" } });
  const type = answer.headers.get("Content-Type") || "";
  if (!type.includes("json")) throw new Error("");
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.message || "");
  return data;
}
