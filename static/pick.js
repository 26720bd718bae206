// A long list of boxes with a search above it: where this runs, the list is narrowed
// down while somebody types, and nothing is sent before the form is. Boxes that are
// ticked stay in sight. Without it the buttons ask the server for the same.
"use strict";

(function () {
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
  for (const field of document.querySelectorAll(".pick")) {
    const search = field.querySelector("input[type='search']");
    const count = field.querySelector(".pick-count");
    const boxes = [...field.querySelectorAll(".options input")].map((box) => ({ box, row: box.parentElement, text: plain(box.parentElement.textContent) }));
    const number = (n) => n.toLocaleString("en");
    const tell = () => {
      const ticked = boxes.filter(({ box }) => box.checked).length;
      const shown = boxes.filter(({ row }) => !row.hidden).length;
      count.textContent = number(ticked) + " of " + number(boxes.length) + " ticked" + (shown < boxes.length ? ", " + number(shown) + " shown" : "");
    };
    const narrow = () => {
      const wanted = plain(search.value);
      for (const { box, row, text } of boxes) row.hidden = !box.checked && !text.includes(wanted);
      tell();
    };
    search.addEventListener("input", narrow);
    for (const pressed of ["keydown", "keypress"]) { // programs that type for people send both
      search.addEventListener(pressed, (event) => { if (event.key === "Enter") event.preventDefault(); });
    }
    field.addEventListener("change", tell);
    for (const button of field.querySelectorAll("button[name='pick']")) {
      const [what] = button.value.split(":");
      if (what === "find") button.hidden = true;
      button.addEventListener("click", (event) => {
        event.preventDefault();
        const wanted = plain(search.value);
        for (const { box, text } of boxes) {
          if (what === "all" && text.includes(wanted)) box.checked = true;
          if (what === "none") box.checked = false;
        }
        narrow();
      });
    }
    // What was looked for is no part of the form.
    search.form.addEventListener("submit", () => { search.disabled = true; });
    window.addEventListener("pageshow", () => { search.disabled = false; narrow(); });
  }
}());
