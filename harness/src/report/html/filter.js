"use strict";
const tools = document.querySelector(".tools");
const rows = [...document.querySelectorAll(".x")];
const find = document.getElementById("find");
const bad = document.getElementById("bad");
const told = document.getElementById("told");
const filter = () => {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    const fits = words.every(word => text.includes(word)) && (!bad.checked || row.classList.contains("fail"));
    row.hidden = !fits;
    shown += fits;
  }
  told.textContent = `${shown} of ${rows.length} shown`;
};
if (tools) {
  tools.hidden = false;
  find.addEventListener("input", filter);
  bad.addEventListener("change", filter);
}
for (const block of document.querySelectorAll("pre.copy")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", () => navigator.clipboard?.writeText(block.textContent).then(() => { button.textContent = "Copied"; }, () => {}));
  block.after(button);
}
