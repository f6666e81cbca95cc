// Small conveniences of every page.
(() => {
  "use strict";
  document.querySelectorAll("[data-opens]").forEach((button) => {
    button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
  });

  // A whole row leads to its case.
  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-case]");
    if (!row || event.target.closest("a, button, input, label") || window.getSelection().toString()) return;
    row.querySelector("a").click();
  });

  // A menu closes when one turns elsewhere.
  const menus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    menus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus().forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  document.addEventListener("submit", (event) => {
    const { submitter, target } = event;
    const note = target.elements.note;
    // An act that needs a note says so before it is sent.
    if (submitter && submitter.hasAttribute("data-needs-note") && !note.value.trim()) {
      event.preventDefault();
      note.required = true;
      note.reportValidity();
      note.required = false;
      return;
    }
    // Pressed twice is done once: the form's request_id sees to that, this to the waiting.
    if (target.method !== "dialog" && !target.hasAttribute("data-keeps")) {
      setTimeout(() => target.querySelectorAll("button").forEach((each) => { each.disabled = true; }), 0);
    }
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("button:disabled").forEach((each) => { each.disabled = false; });
  });

  // What was being written outlives a look at the newest state of a case.
  const note = document.querySelector("[data-draft]");
  if (note) {
    const key = `note:${note.dataset.draft}`;
    if (document.querySelector(".said")) sessionStorage.removeItem(key);
    if (!note.value) note.value = sessionStorage.getItem(key) || "";
    note.addEventListener("input", () => sessionStorage.setItem(key, note.value));
  }
  const problem = document.querySelector("[data-focus]");
  if (problem) problem.focus();
})();
