// Follows what happens in the queues while somebody looks, and has the page ask for itself anew.
(() => {
  "use strict";
  const address = document.body.dataset.live;
  if (!address) return;
  const texts = JSON.parse(document.getElementById("script-texts").textContent);
  const pulse = document.getElementById("pulse");
  const announce = document.getElementById("announce");
  const own = document.getElementById("case");
  const QUIET_MS = 700;
  let source = null;
  let waiting = null;
  let pointed = 0;
  let fresh = new Set();

  const tell = (state) => {
    if (pulse.dataset.state === state) return;
    pulse.dataset.state = state;
    pulse.querySelector(".pulse-text").textContent = state ? pulse.dataset[state] : "";
  };

  // Rows do not move under a hand that is about to press.
  document.addEventListener("pointermove", (event) => {
    if (event.target.closest && event.target.closest("#cases tbody")) pointed = Date.now();
  });
  const refresh = () => {
    waiting = null;
    if (Date.now() - pointed < QUIET_MS) {
      waiting = setTimeout(refresh, QUIET_MS);
      return;
    }
    htmx.trigger("#cases", "desk:refresh");
  };
  const soon = (wait) => {
    if (!waiting) waiting = setTimeout(refresh, wait);
  };

  const changed = (event) => {
    const change = JSON.parse(event.data);
    if (own) {
      // What is shown stays as it was seen: an act on it then names what was seen.
      if (change.name === own.dataset.name) document.getElementById("changed").hidden = false;
      return;
    }
    if (change.kind === "appeared") {
      fresh.add(change.name);
      announce.textContent = texts.appeared.replace("{number}", change.number);
    }
    soon(150);
  };
  const open = () => {
    source = new EventSource(address);
    source.addEventListener("open", () => tell("on"));
    source.addEventListener("change", changed);
    source.addEventListener("refused", () => tell("off"));
    source.addEventListener("error", () => {
      tell("off");
      // A browser gives up where it was refused; somebody may have signed in again.
      if (source && source.readyState === EventSource.CLOSED) setTimeout(again, 5000);
    });
  };
  const close = () => {
    if (source) source.close();
    source = null;
    tell("");
  };
  const again = () => {
    close();
    if (!document.hidden) open();
  };

  // A tab that nobody sees holds no connection: browsers allow few to one server.
  document.addEventListener("visibilitychange", () => {
    again();
    if (!document.hidden && !own) soon(0);
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => { if (event.persisted) again(); });
  document.addEventListener("htmx:afterSwap", () => {
    fresh.forEach((name) => {
      const row = document.querySelector(`tr[data-case="${CSS.escape(name)}"]`);
      if (row) row.classList.add("is-new");
    });
    fresh = new Set();
  });
  if (!document.hidden) open();
})();
