// Sends a file with a bar of how far it is; where that cannot be, the form sends itself.
(() => {
  "use strict";
  const form = document.getElementById("upload");
  const line = document.getElementById("sending");
  if (!form || !window.XMLHttpRequest) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    line.hidden = false;
    const bar = line.querySelector("progress");
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", (sent) => {
      if (sent.lengthComputable) bar.value = (100 * sent.loaded) / sent.total;
    });
    request.addEventListener("load", () => {
      // The answer leads to the page of the import; a refusal is a page itself.
      if (request.status < 300 && request.responseURL) location.assign(request.responseURL);
      else form.submit();
    });
    request.addEventListener("error", () => form.submit());
    request.send(new FormData(form));
  });
})();
