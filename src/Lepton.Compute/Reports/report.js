"use strict";
// The page is whole without this script: it makes the tips quicker and nicer, the legend point, and the tables sort.
(() => {
  const tip = document.getElementById("tip");

  // Text under <title> is what browsers show late and plain; it moves to an attribute when the pointer first finds it.
  const textOf = (mark) => {
    const title = mark.querySelector(":scope > title");
    if (title) {
      mark.dataset.tip = title.textContent;
      mark.setAttribute("aria-label", title.textContent);
      title.remove();
    }
    return mark.dataset.tip;
  };

  document.addEventListener("pointermove", (event) => {
    const mark = event.target.closest("svg rect, svg .end");
    const text = mark ? textOf(mark) : "";
    tip.hidden = !text;
    if (text) {
      tip.textContent = text;
      const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
      const below = event.clientY + 18;
      const above = event.clientY - tip.offsetHeight - 10;
      tip.style.left = Math.max(8, left) + "px";
      tip.style.top = (below + tip.offsetHeight > window.innerHeight ? above : below) + "px";
    }
  });

  for (const entry of document.querySelectorAll(".legend [data-stage]")) {
    const drawing = entry.closest("section").querySelector("svg");
    const colour = "s" + entry.dataset.stage;
    entry.addEventListener("pointerenter", () => {
      drawing.classList.add("pointed");
      drawing.querySelectorAll("." + colour).forEach((mark) => mark.classList.add("on"));
    });
    entry.addEventListener("pointerleave", () => {
      drawing.classList.remove("pointed");
      drawing.querySelectorAll(".on").forEach((mark) => mark.classList.remove("on"));
    });
  }

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
  };

  const compare = (a, b) => typeof a === "number" ? a - b : a.localeCompare(b);

  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      heading.addEventListener("click", () => {
        const up = heading.getAttribute("aria-sort") === "descending";
        [...table.tHead.rows[0].cells].forEach((other) => other.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => (up ? 1 : -1) * compare(valueOf(a, column), valueOf(b, column)));
        table.tBodies[0].append(...rows);
      });
    });
  }
})();
