// On a shared tablet: goes back to the first page when nobody touches the screen, and
// shows nothing again that a browser has kept. Without it a header of the page does
// the former, later.
"use strict";

(function () {
  const start = location.pathname.split("/").slice(0, 3).join("/");
  const idle = Number(document.body.dataset.idle) * 1000;
  const grace = Math.min(30000, idle / 2); // to say that one is still there

  // Whatever a browser brings back from memory may be of somebody else.
  window.addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });

  for (const field of document.querySelectorAll("[data-script]")) field.value = "yes";
  for (const link of document.querySelectorAll("[data-replace]")) {
    link.addEventListener("click", function (event) { event.preventDefault(); leave(); });
  }
  function leave() {
    for (const form of document.forms) form.reset();
    location.replace(start);
  }
  if (location.pathname === start) return;

  let timer = 0, notice = null;
  function touched() {
    clearTimeout(timer);
    if (notice) { notice.remove(); notice = null; }
    timer = setTimeout(ask, idle - grace);
  }
  function ask() {
    notice = document.createElement("p");
    notice.className = "banner";
    notice.setAttribute("role", "alert");
    notice.textContent = document.body.dataset.still;
    document.getElementById("main").prepend(notice);
    notice.scrollIntoView();
    timer = setTimeout(leave, grace);
  }
  // Not "scroll": the notice scrolls by itself.
  for (const sign of ["pointerdown", "touchmove", "wheel", "keydown", "input"]) {
    document.addEventListener(sign, touched, { passive: true, capture: true });
  }
  touched();
}());
