/* The few ways by which anything reaches the page. Every word does so through textContent or
   setAttribute, never as HTML. */
"use strict";

/* What the page says and shows, read once: it may be megabytes. */
function gridgeoWords() {
  if (!gridgeoWords.read) {
    gridgeoWords.read = JSON.parse(document.getElementById("sheet-words").textContent);
  }
  return gridgeoWords.read;
}

const gridgeoDom = {
  byId: (id) => document.getElementById(id),
  make(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  },
  add(parent, ...children) {
    parent.append(...children);
    return parent;
  },
  /* Put values into the {places} of a sentence. */
  fill: (text, values) => text.replace(/\{(\w+)\}/g, (all, key) => key in values ? values[key] : all),
};
