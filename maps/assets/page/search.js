/* Search by grid, worker, building or address, as a combobox (WAI-ARIA 1.2). */
"use strict";

function gridgeoSearch(words, cards, actions) {
  const { byId, make, add, fill } = gridgeoDom;
  const say = words.say;
  const input = byId("gg-search");
  const list = byId("gg-hits");
  const said = byId("gg-search-said");
  const folded = (text) => text.normalize("NFKC").toLowerCase();
  const number = new Intl.NumberFormat(words.language);
  const NOT = 9;
  let hits = [];
  let current = 0;

  /* What can be found: the texts it is found by, best first, and what then happens. Made when
     first needed: tens of thousands of texts take a moment. */
  let index = null;
  function things() {
    const grids = words.grids.map((grid, row) => ({
      texts: [grid.id, grid.community].map(folded),
      title: grid.id,
      detail: [say.grid, (cards.workerOf(grid) || {}).name],
      pick: () => actions.grid(row),
    }));
    const workers = words.grids.map((grid, row) => [cards.workerOf(grid), grid, row])
      .filter(([worker]) => worker && (worker.name || worker.phone))
      .map(([worker, grid, row]) => ({
        texts: [folded(worker.name)],
        phone: folded(worker.phone),
        title: worker.name || worker.phone,
        detail: [say.worker, grid.id],
        pick: () => actions.grid(row),
      }));
    const buildings = words.buildings.ids.map((id, row) => {
      const [name, address] = [cards.nameOf(row), cards.addressOf(row)];
      return {
        texts: [name, id, address].map(folded),
        title: name || id,
        detail: [name && name !== id && id, address, words.grids[words.buildings.grids[row]].id],
        pick: () => actions.building(row),
      };
    });
    return [...grids, ...workers, ...buildings];
  }
  /* Whether a text holds what is wanted, a number not as a part of a longer one: "12" is in
     "Court 12" and in "12幢", not in "RV-112". */
  function holdsWhole(text, wanted) {
    const isDigit = (sign) => sign >= "0" && sign <= "9";
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
      const end = at + wanted.length;
      if (!(isDigit(wanted[0]) && isDigit(text[at - 1] || ""))
        && !(isDigit(wanted[wanted.length - 1]) && isDigit(text[end] || ""))) return true;
    }
    return false;
  }
  /* Whole text, then its beginning, then within it, then all words somewhere. */
  function lookUp(typed) {
    const wanted = folded(typed.trim());
    if (!wanted) return [];
    index = index || things();
    const parts = wanted.split(/\s+/);
    const rankOf = (text) => text === wanted ? 0 : !text.includes(wanted) ? NOT
      : !holdsWhole(text, wanted) ? 3 : text.startsWith(wanted) ? 1 : 2;
    const rank = (texts) => {
      const best = Math.min(...texts.map(rankOf));
      const joined = texts.join("\n");
      return best === NOT && parts.every((part) => joined.includes(part)) ? 4 : best;
    };
    /* A few digits would find every phone. */
    const textsOf = ({ texts, phone }) => phone && wanted.length > 3 ? [...texts, phone] : texts;
    return index
      .map((thing, order) => [rank(textsOf(thing)), order, thing])
      .filter(([r]) => r < NOT)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1])
      .map(([, , thing]) => thing);
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function mark(to) {
    current = to;
    [...list.children].forEach((item, i) =>
      item.setAttribute("aria-selected", String(i === current)));
    input.setAttribute("aria-activedescendant", "gg-hit-" + current);
    list.children[current].scrollIntoView({ block: "nearest" });
  }
  function pick(i) {
    if (i >= hits.length) return;
    close();
    said.textContent = "";
    if (actions.narrow()) input.blur(); // or its keyboard covers the card
    hits[i].pick();
  }
  function refresh() {
    const all = lookUp(input.value);
    hits = all.slice(0, actions.narrow() ? 5 : 8);
    list.replaceChildren(...hits.map((hit, i) => {
      const item = make("li");
      item.id = "gg-hit-" + i;
      item.setAttribute("role", "option");
      const detail = hit.detail.filter(Boolean).join(" · ");
      add(item, make("span", "gg-word", hit.title), make("small", "gg-word", detail));
      item.addEventListener("mousedown", (e) => { e.preventDefault(); pick(i); });
      return item;
    }));
    said.textContent = !input.value.trim() ? ""
      : !all.length ? say.nothing
      : all.length > hits.length ? fill(say.more, { n: number.format(all.length) })
      : "";
    if (!hits.length) return close();
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(0);
  }
  input.addEventListener("input", refresh);
  /* Not on focus: it comes back here when a card is closed. */
  input.addEventListener("click", refresh);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (e) => {
    if (e.key === "Escape") close();
    if (list.hidden && e.key === "ArrowDown") refresh();
    else if (list.hidden) return;
    else if (e.key === "ArrowDown") mark((current + 1) % hits.length);
    else if (e.key === "ArrowUp") mark((current + hits.length - 1) % hits.length);
    else return;
    e.preventDefault();
  });
  byId("gg-search-form").addEventListener("submit", (e) => {
    e.preventDefault();
    if (list.hidden) refresh();
    pick(current);
  });
}
