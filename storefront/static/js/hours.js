/* The page prints hours; which day is today, and whether a shop is open now, is worked out here, in the shop's time zone. */
const minutes = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(2));
const clock = (text) => `${Number(text.slice(0, 2))}:${text.slice(2)}`;

function local(zone) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(new Date()).map((part) => [part.type, part.value]));
  return { day: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(parts.weekday), date: `${parts.year}-${parts.month}-${parts.day}`, now: Number(parts.hour) * 60 + Number(parts.minute) };
}

function mark(node) {
  const { day, date, now } = local(node.dataset.zone || "UTC");
  const special = Object.fromEntries((node.dataset.special || "").split(",").filter(Boolean).map((part) => part.split("=")));
  const week = (node.dataset.week || "").split(",");
  const spans = (date in special ? special[date] : week[day] || "").split("+").filter(Boolean).map((span) => span.split("-"));
  const open = spans.find(([from, to]) => now >= minutes(from) && (now < minutes(to) || minutes(to) <= minutes(from)));
  const later = spans.find(([from]) => minutes(from) > now);
  if (open) node.textContent = node.dataset.open.replace("{time}", clock(open[1]));
  else if (later) node.textContent = node.dataset.closed.replace("{time}", clock(later[0]));
  else {
    for (let ahead = 1; ahead <= 7; ahead += 1) {
      const next = week[(day + ahead) % 7];
      if (next) { node.textContent = node.dataset.closed.replace("{time}", clock(next.slice(0, 4))); break; }
    }
  }
}

export function setUpHours() {
  document.querySelectorAll("[data-today]").forEach(mark);
  document.querySelectorAll("[data-weekday]").forEach((node) => {
    if (Number(node.dataset.weekday) === local(node.dataset.zone || "UTC").day) node.classList.add("today");
  });
}
