// The desk from the keyboard alone. Outside of fields only, and only while it is on.
(() => {
  "use strict";
  const places = Object.fromEntries([...document.querySelectorAll(".rail a[data-key]")].map((each) => [each.dataset.key, each.href]));
  const help = document.getElementById("keys");
  let selected = null;
  let going = false;
  let armed = null;

  const rows = () => [...document.querySelectorAll("tr[data-case]")];
  const mark = (row) => {
    selected = row.dataset.case;
    rows().forEach((each) => each.classList.toggle("is-selected", each === row));
  };
  const move = (by) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.dataset.case === selected);
    const row = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    mark(row);
    row.querySelector("a").focus();
  };

  // An act that needs a note is chosen first, and done by Ctrl+Enter out of the note.
  const arm = (id) => {
    const button = document.getElementById(id);
    if (!button) return;
    if (armed) armed.classList.remove("is-armed");
    armed = button;
    button.classList.add("is-armed");
    const told = document.getElementById("armed");
    told.textContent = told.dataset.text.replace("…", button.firstChild.textContent.trim());
    told.hidden = false;
    document.getElementById("note").focus();
  };
  const press = (id) => {
    const button = document.getElementById(id);
    if (button) button.click();
  };

  const KEYS = {
    j: () => move(1),
    k: () => move(-1),
    n: () => document.getElementById("next-form").requestSubmit(),
    c: () => press("claim"),
    a: () => arm("approve"),
    d: () => arm("decline"),
    e: () => arm("escalate"),
    m: () => arm("add-note"),
    l: () => press("links"),
    "/": () => document.getElementById("jump").focus(),
    "?": () => (help.open ? help.close() : help.showModal()),
    g: () => { going = true; setTimeout(() => { going = false; }, 1500); },
  };
  const field = (element) => element.matches("input:not([type=checkbox], [type=radio]), select, textarea");

  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.isComposing || !target.matches) return;
    if (key === "Enter" && (event.ctrlKey || event.metaKey) && target.id === "note") {
      event.preventDefault();
      if (armed) target.form.requestSubmit(armed);
      return;
    }
    if (key === "Escape" && field(target)) {
      target.blur();
      return;
    }
    if (document.documentElement.dataset.keys !== "on" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (field(target) || (help.open && key !== "?") || (event.repeat && key !== "j" && key !== "k")) return;
    const act = going && key in places ? () => location.assign(places[key]) : KEYS[key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("tr[data-case]");
    if (row) mark(row);
  });
  document.addEventListener("htmx:afterSwap", () => {
    const row = rows().find((each) => each.dataset.case === selected);
    if (row) mark(row);
  });
})();
