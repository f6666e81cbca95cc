// Keeps ages true, and shows times in the zone that the browser is in.
(() => {
  "use strict";
  const texts = JSON.parse(document.getElementById("script-texts").textContent);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const STEPS = [["d", 172800, 86400], ["h", 7200, 3600], ["m", 60, 60], ["s", 0, 1]];

  const span = (seconds, kind) => {
    const whole = Math.floor(Math.abs(seconds));
    const [unit, , length] = STEPS.find(([, least]) => whole >= least);
    return texts[`${kind}_${unit}`].replace("{n}", Math.floor(whole / length));
  };
  const clock = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  const full = (at) => {
    const part = Object.fromEntries(clock.formatToParts(at).map((each) => [each.type, each.value]));
    return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}`;
  };

  const show = (element) => {
    const at = new Date(element.dateTime);
    const seconds = (Date.now() - at) / 1000;
    let text = full(at);
    if (element.dataset.as !== "clock") {
      element.title = text;
      const kind = element.dataset.as === "ago" ? "ago" : seconds > 0 ? "over" : "left";
      element.classList.toggle("over", kind === "over");
      text = span(kind === "ago" ? Math.max(seconds, 0) : seconds, kind);
    }
    if (element.textContent !== text) element.textContent = text;
  };
  const all = (root) => root.querySelectorAll("time[data-as]").forEach(show);

  const told = document.documentElement.dataset.zone;
  if (told !== zone) {
    // From now on pages come in this zone.
    document.cookie = `sekisho-zone=${zone}; path=/; max-age=31536000; samesite=lax`;
    const line = document.getElementById("zone");
    if (line) line.textContent = line.textContent.replace(told, zone);
  }
  all(document);
  setInterval(() => all(document), 1000);
  document.addEventListener("htmx:afterSwap", () => all(document));
})();
