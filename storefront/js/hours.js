/* The page prints the hours; this works out which day is today and whether a shop is open, in the shop's time zone. */
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const minutes = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(2));
const clock = (text) => `${Number(text.slice(0, 2))}:${text.slice(2)}`;

/* The shop's wall clock `ahead` days from now. */
function local(zone, ahead = 0) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const parts = Object.fromEntries(
    format.formatToParts(new Date(Date.now() + ahead * DAY_MS)).map((part) => [part.type, part.value]),
  );
  return {
    day: DAYS.indexOf(parts.weekday),
    date: `${parts.year}-${parts.month}-${parts.day}`,
    now: Number(parts.hour) * 60 + Number(parts.minute),
  };
}

/* The openings of one day as [from, to], four digits each; a special day replaces its weekday. */
function spans(node, { day, date }) {
  const special = Object.fromEntries(
    (node.dataset.special || "")
      .split(",")
      .filter(Boolean)
      .map((part) => part.split("=")),
  );
  const text = date in special ? special[date] : (node.dataset.week || "").split(",")[day] || "";
  return text
    .split("+")
    .filter(Boolean)
    .map((span) => span.split("-"));
}

const isPastMidnight = ([from, to]) => minutes(to) <= minutes(from);

function opensNext(node, zone, now) {
  for (let ahead = 0; ahead <= 7; ahead += 1) {
    const day = local(zone, ahead);
    const found = spans(node, day).find(([from]) => ahead > 0 || minutes(from) > now);
    if (!found) continue;
    if (ahead === 0) return clock(found[0]);
    const name = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: zone, weekday: "short" }).format(
      new Date(Date.now() + ahead * DAY_MS),
    );
    return `${name} ${clock(found[0])}`;
  }
  return "";
}

/* When a shop takes orders again: a time, with the weekday unless it is today; "" if it takes them now. */
function pausedUntil({ dataset }, zone) {
  const until = new Date(dataset.paused || 0);
  if (until <= Date.now()) return "";
  const format = (options) => new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: zone, ...options });
  const day = format({ weekday: "short", day: "numeric", month: "numeric" });
  const time = format({ hour: "numeric", minute: "2-digit", hourCycle: "h23" }).format(until);
  return day.format(until) === day.format(new Date()) ? time : `${format({ weekday: "short" }).format(until)} ${time}`;
}

/* `source` has the hours and the words; `node` shows them. */
function mark(source, node = source) {
  const zone = source.dataset.zone || "UTC";
  const paused = pausedUntil(source, zone);
  if (paused) {
    node.textContent = source.dataset.noOrders.replace("{time}", paused);
    return;
  }
  const today = local(zone);
  const still = spans(source, local(zone, -1)).find((span) => isPastMidnight(span) && today.now < minutes(span[1]));
  const open =
    still ??
    spans(source, today).find(
      (span) => today.now >= minutes(span[0]) && (isPastMidnight(span) || today.now < minutes(span[1])),
    );
  const next = open ? "" : opensNext(source, zone, today.now);
  if (open) node.textContent = source.dataset.open.replace("{time}", clock(open[1]));
  else if (next) node.textContent = source.dataset.closed.replace("{time}", next);
}

export class Hours {
  static selector = "[data-today], [data-hours-of], [data-weekday]";

  constructor(node) {
    this.node = node;
    this.show();
    setInterval(() => this.show(), MINUTE_MS);
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) this.show();
    });
  }

  show() {
    const { node } = this;
    if (node.dataset.weekday !== undefined) {
      node.classList.toggle("today", Number(node.dataset.weekday) === local(node.dataset.zone || "UTC").day);
      return;
    }
    // Elsewhere on the page the hours come from the picker in the header.
    const source = node.dataset.hoursOf
      ? document.querySelector(`[data-set-shop="${node.dataset.hoursOf}"] [data-today]`)
      : node;
    if (source) mark(source, node);
  }
}
