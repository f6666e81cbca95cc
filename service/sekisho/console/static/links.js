// Lights up what a node of the drawing is tied to, while it is pointed at or has the focus.
(() => {
  "use strict";
  const graph = document.querySelector(".graph svg");
  if (!graph) return;
  const edges = [...graph.querySelectorAll(".edge")];
  const nodes = new Map([...graph.querySelectorAll("[data-node]")].map((each) => [each.dataset.node, each]));
  const light = (node) => {
    graph.classList.toggle("is-lit", Boolean(node));
    const key = node ? node.dataset.node : null;
    const near = new Set([key]);
    edges.forEach((edge) => {
      const lit = key !== null && (edge.dataset.a === key || edge.dataset.b === key);
      edge.classList.toggle("is-lit", lit);
      if (lit) near.add(edge.dataset.a).add(edge.dataset.b);
    });
    nodes.forEach((each, name) => each.classList.toggle("is-lit", near.has(name)));
  };
  const of = (event) => event.target.closest("[data-node]");
  ["pointerover", "focusin"].forEach((name) => graph.addEventListener(name, (event) => light(of(event))));
  ["pointerleave", "focusout"].forEach((name) => graph.addEventListener(name, () => light(null)));
})();
