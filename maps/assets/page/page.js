/* The page of a grid map: panel, legend, labels, popups and search over a Folium map.
   Every word reaches the page through textContent or setAttribute, never as HTML. */
function gridgeoPage(map, layers) {
  "use strict";
  const words = JSON.parse(document.getElementById("sheet-words").textContent);
  const byId = (id) => document.getElementById(id);
  /* A figure that is not published comes as null, and is said nowhere. */
  const number = (n) => n === null ? "" : String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  const plural = (n, one, many) => number(n) + "\u00a0" + (n === 1 ? one : many);
  const narrow = window.innerWidth <= 640;
  const rows = { grids: [], buildings: [] };

  function make(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }
  function add(parent, ...children) {
    parent.append(...children);
    return parent;
  }

  /* ---- what a popup and a tooltip say ---- */
  function gridCard(grid) {
    const card = make("div", "gg-card");
    add(card, make("h2", "gg-word", grid.id));
    if (grid.community) add(card, make("p", "gg-sub gg-word", grid.community));
    const badge = make("span", "gg-badge", grid.inBand ? "In band" : "⚠ Out of band");
    if (!grid.inBand) badge.classList.add("gg-alarm");
    add(card, badge);
    const list = make("dl");
    [
      ["Households", number(grid.households)],
      ["Population", number(grid.population)],
      ["Buildings", number(grid.buildings)],
      ["Grid worker", grid.owner],
      ["Phone", grid.phone],
    ].forEach(([name, value]) => {
      if (value) add(list, make("dt", "", name), make("dd", "gg-word", value));
    });
    add(card, list);
    if (grid.reasons) add(card, make("p", "gg-reasons gg-word", grid.reasons));
    return card;
  }
  function buildingCard([id, name, row]) {
    const card = make("div", "gg-card");
    add(card, make("h2", "gg-word", name || id));
    const list = make("dl");
    [["Building", id], ["Grid", words.grids[row].id]].forEach(([term, value]) => {
      add(list, make("dt", "", term), make("dd", "gg-word", value));
    });
    return add(card, list);
  }
  function tip(heading, detail) {
    return add(make("div"), make("b", "gg-word", heading), make("span", "gg-word", detail));
  }
  const gridTip = (grid) =>
    tip(grid.id, [
      grid.households === null ? "" : plural(grid.households, "household", "households"),
      grid.inBand ? "" : "out of band",
    ].filter(Boolean).join(" · "));
  const buildingTip = ([id, name, row]) =>
    tip(name || id, (name && name !== id ? id + " · " : "") + words.grids[row].id);

  /* ---- popups, tooltips and highlights: one of each for the whole map ---- */
  const panelBox = () => byId("gg-panel").getBoundingClientRect();
  let card = L.popup();
  function openCard(latlng, content) {
    pointer.remove();
    const box = panelBox();
    card = L.popup({
      maxWidth: 280,
      autoPanPaddingTopLeft: narrow ? [12, Math.min(box.bottom, 200)] : [box.right + 12, 12],
      autoPanPaddingBottomRight: [56, 24],
    }).setLatLng(latlng).setContent(content).openOn(map);
  }
  /* Leaflet hears Escape only while the map itself has the focus, not a label or the search. */
  document.addEventListener("keydown", (e) => { if (e.key === "Escape") map.closePopup(); });
  const pointer = L.tooltip({ className: "gg-tip", direction: "top", offset: [0, -10] });
  function follow(target, content, lift) {
    const show = (e) => {
      if (!L.Browser.mobile) pointer.setLatLng(e.latlng).setContent(content(e)).addTo(map);
    };
    target.on("mouseover", (e) => {
      if (lift) lift(e, true);
      show(e);
    });
    /* A click took the tooltip away; once its popup is closed a move brings it back. */
    target.on("mousemove", (e) => {
      if (map.hasLayer(pointer)) pointer.setLatLng(e.latlng);
      else if (!map.hasLayer(card)) show(e);
    });
    target.on("mouseout", (e) => {
      if (lift) lift(e, false);
      pointer.remove();
    });
  }
  const featureRow = (e) => e.propagatedFrom.feature.id;

  /* ---- grids ---- */
  function hatch(colour) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 12;
    const ink = tile.getContext("2d");
    ink.fillStyle = colour;
    ink.fillRect(0, 0, 12, 12);
    ink.strokeStyle = "rgba(155, 28, 28, 0.7)";
    ink.lineWidth = 1.5;
    ink.beginPath();
    [-12, 0, 12].forEach((x) => { ink.moveTo(x - 2, 14); ink.lineTo(x + 14, -2); });
    ink.stroke();
    return ink.createPattern(tile, "repeat");
  }
  const labels = L.layerGroup();
  function drawGrids(layer) {
    layer.eachLayer((shape) => {
      const grid = words.grids[shape.feature.id];
      rows.grids[shape.feature.id] = shape;
      if (!grid.inBand) shape.setStyle({ fillColor: hatch(words.palette[grid.colour]) });
    });
    layer.on("click", (e) => openCard(e.latlng, gridCard(words.grids[featureRow(e)])));
    follow(layer, (e) => gridTip(words.grids[featureRow(e)]), (e, over) => {
      e.propagatedFrom.setStyle({ fillOpacity: over ? 0.8 : 0.58 });
    });
    words.grids.forEach((grid) => {
      const text = make("span", "", (grid.inBand ? "" : "⚠ ") + grid.id);
      const label = L.marker([grid.label[1], grid.label[0]], {
        icon: L.divIcon({ className: "gg-label", html: text, iconSize: null }),
        riseOnHover: true,
      });
      label.on("add", () => {
        const node = label.getElement();
        node.classList.toggle("gg-alarm", !grid.inBand);
        node.setAttribute("aria-label",
          "Grid " + grid.id + ", " + (grid.inBand ? "in band" : "out of band"));
      });
      label.on("click", () => openCard(label.getLatLng(), gridCard(grid)));
      follow(label, () => gridTip(grid));
      label.grid = grid;
      labels.addLayer(label);
    });
    labels.addTo(map);
    map.on("overlayadd overlayremove", (e) => {
      if (e.layer !== layer) return;
      if (e.type === "overlayadd") labels.addTo(map); else labels.remove();
      thinLabels();
    });
  }
  /* Labels that would lie on one another give way: grids out of band stay first, then the
     fuller grids, then names of ways, which take the box of their turned text. */
  const wayNames = L.layerGroup();
  function thinLabels() {
    const placed = [];
    const ordered = labels.getLayers().sort((a, b) =>
      a.grid.inBand - b.grid.inBand || (b.grid.households || 0) - (a.grid.households || 0));
    const shown = ordered.concat(wayNames.getLayers()).filter((label) => label.getElement());
    shown.forEach((label) => label.getElement().classList.remove("gg-hidden"));
    /* Measure all before hiding any: the page is laid out once, not once a label. */
    const boxes = shown.map((label) => {
      const text = label.getElement().firstChild;
      const turn = (label.turn || 0) * Math.PI / 180;
      const [cos, sin] = [Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))];
      const { x, y } = map.latLngToLayerPoint(label.getLatLng());
      const [w, h] = [text.offsetWidth + 4, text.offsetHeight + 4];
      return { x: x, y: y, w: w * cos + h * sin, h: w * sin + h * cos };
    });
    boxes.forEach((box, i) => {
      const clash = placed.some((p) =>
        Math.abs(p.x - box.x) * 2 < p.w + box.w && Math.abs(p.y - box.y) * 2 < p.h + box.h);
      if (clash) shown[i].getElement().classList.add("gg-hidden");
      else if (boxes[i].w > 4) placed.push(box);
    });
  }
  /* Bottom to top: grids, grids out of band (their outline whole), ways, buildings. A layer
     switched back on lands on top, so this is put right each time. */
  function restack() {
    if (map.hasLayer(layers.grids)) {
      layers.grids.bringToFront();
      rows.grids.forEach((shape, row) => { if (!words.grids[row].inBand) shape.bringToFront(); });
    }
    [layers.lines, layers.buildings].forEach((layer) => {
      if (layer && map.hasLayer(layer)) layer.bringToFront();
    });
  }

  /* ---- buildings and ways ---- */
  function drawBuildings(layer) {
    layer.eachLayer((shape) => { rows.buildings[shape.feature.id] = shape; });
    layer.on("click", (e) => openCard(e.latlng, buildingCard(words.buildings[featureRow(e)])));
    follow(layer, (e) => buildingTip(words.buildings[featureRow(e)]), (e, over) => {
      if (e.propagatedFrom !== found) {
        e.propagatedFrom.setStyle({ fillColor: over ? "#1d4e89" : "#4b5563" });
      }
    });
  }
  function drawWays(layer) {
    words.ways.forEach(([kind, name, x, y, angle]) => {
      const text = make("span", "gg-word", name);
      text.style.transform = "translate(-50%, -50%) rotate(" + angle + "deg)";
      const style = kind === "river" ? "gg-way gg-way-river" : "gg-way";
      const label = L.marker([y, x], {
        icon: L.divIcon({ className: style, html: text, iconSize: null }),
        interactive: false,
        keyboard: false,
        zIndexOffset: -10000,
      });
      label.turn = angle;
      wayNames.addLayer(label);
    });
    wayNames.addTo(map);
    map.on("overlayadd overlayremove", (e) => {
      if (e.layer !== layer) return;
      if (e.type === "overlayadd") wayNames.addTo(map); else wayNames.remove();
      thinLabels();
    });
    /* Ways grow with the ground a little; their names show from near only. */
    const drawn = layer.getLayers().map((way) => [way, way.options.weight]);
    const fit = () => {
      map.getContainer().classList.toggle("gg-far", map.getZoom() < 15.5);
      const scale = Math.min(Math.max(Math.pow(2, (map.getZoom() - 17) / 1.4), 0.45), 4);
      drawn.forEach(([way, weight]) => way.setStyle({ weight: weight * scale }));
    };
    map.on("zoomend", fit);
    fit();
  }
  map.on("overlayadd", restack);

  /* ---- search ---- */
  let found = null;
  function showBuilding(row) {
    const shape = rows.buildings[row];
    if (!shape) return;
    if (!map.hasLayer(layers.buildings)) layers.buildings.addTo(map);
    if (found) layers.buildings.resetStyle(found);
    found = shape;
    shape.setStyle({ fillColor: "#1d4e89", fillOpacity: 1, color: "#0b2f5b", weight: 3 });
    const at = shape.getLatLng ? shape.getLatLng() : shape.getBounds().getCenter();
    map.setView(at, Math.max(map.getZoom(), 18), { animate: false });
    openCard(at, buildingCard(words.buildings[row]));
  }
  function showGrid(row) {
    map.fitBounds(rows.grids[row].getBounds(), { ...margins(), maxZoom: 18, animate: false });
    const grid = words.grids[row];
    openCard([grid.label[1], grid.label[0]], gridCard(grid));
  }
  const folded = (text) => text.normalize("NFKC").toLowerCase();
  const index = words.buildings.map(([id, name], row) => [row, folded(id), folded(name)]);
  function lookUp(typed) {
    const wanted = folded(typed.trim());
    if (!wanted) return [];
    const rank = (text) =>
      text === wanted ? 0 : text.startsWith(wanted) ? 1 : text.includes(wanted) ? 2 : 3;
    return index
      .map(([row, id, name]) => [Math.min(rank(id), rank(name)), row])
      .filter(([r]) => r < 3)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1])
      .map(([, row]) => row);
  }
  function wireSearch() {
    const input = byId("gg-search");
    const list = byId("gg-hits");
    const said = byId("gg-search-said");
    let hits = [];
    let current = 0;
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
    }
    function pick(i) {
      if (i >= hits.length) return;
      close();
      said.textContent = "";
      if (narrow) input.blur();
      showBuilding(hits[i]);
    }
    function refresh() {
      const all = lookUp(input.value);
      hits = all.slice(0, narrow ? 5 : 8);
      list.replaceChildren(...hits.map((row, i) => {
        const [id, name, grid] = words.buildings[row];
        const item = make("li");
        item.id = "gg-hit-" + i;
        item.setAttribute("role", "option");
        const detail = (name && name !== id ? id + " · " : "") + words.grids[grid].id;
        add(item, make("span", "gg-word", name || id), make("small", "gg-word", detail));
        item.addEventListener("mousedown", (e) => { e.preventDefault(); pick(i); });
        return item;
      }));
      said.textContent = !input.value.trim() ? ""
        : !all.length ? "No building has this name or number."
        : all.length > hits.length ? number(all.length) + " found; type more to narrow them down."
        : "";
      if (!hits.length) return close();
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark(0);
    }
    input.addEventListener("input", refresh);
    input.addEventListener("focus", refresh);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (e) => {
      if (e.key === "Escape") close();
      if (list.hidden) return;
      if (e.key === "ArrowDown") mark((current + 1) % hits.length);
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

  /* ---- panel ---- */
  function keyRow(swatch, text, count) {
    const row = add(make("li"), swatch, make("span", "", text));
    if (count !== undefined) add(row, make("span", "gg-count", number(count)));
    return row;
  }
  const swatch = (kind) => make("span", "gg-swatch " + kind);
  function drawPanel() {
    const grids = words.grids;
    const sum = (key) => grids.reduce((total, grid) => total + grid[key], 0);
    byId("gg-title").textContent = words.title;
    const all = (key, one, many) =>
      grids.some((grid) => grid[key] === null) ? "" : plural(sum(key), one, many);
    byId("gg-counts").textContent = [
      plural(grids.length, "grid", "grids"),
      all("buildings", "building", "buildings"),
      all("households", "household", "households"),
      all("population", "person", "people"),
    ].filter(Boolean).join(" · ");
    const out = grids.map((grid, row) => [grid, row]).filter(([grid]) => !grid.inBand);
    const body = byId("gg-legend-body");
    const key = make("ul", "gg-key");
    const colours = swatch("gg-colours");
    words.palette.forEach((colour) => {
      const stripe = make("i");
      stripe.style.background = colour;
      add(colours, stripe);
    });
    add(key, keyRow(colours, "Grids in band", grids.length - out.length));
    add(key, keyRow(swatch("gg-hatch"), "Grids out of band ⚠", out.length));
    if (layers.buildings) add(key, keyRow(swatch("gg-building"), "Buildings"));
    const kindWords = { river: "Water", street: "Streets", rail: "Railway", wall: "Walls",
      motorway: "Motorway",
      boundary: "Boundary" };
    words.kinds.forEach((kind) => {
      if (kindWords[kind]) add(key, keyRow(swatch("gg-" + kind), kindWords[kind]));
    });
    add(body, key);
    if (out.length) {
      const list = make("ul", "gg-out");
      out.forEach(([grid, row]) => {
        const go = make("button", "gg-word", grid.id);
        go.type = "button";
        go.addEventListener("click", () => showGrid(row));
        add(list, add(make("li"), go, make("span", "gg-word", " " + grid.reasons)));
      });
      add(body, list);
    }
    if (words.bands) add(body, make("p", "gg-word", words.bands));
    if (words.proof) add(body, make("p", "gg-proof gg-word", words.proof));
    words.notes.forEach((note) => add(body, make("p", "gg-small gg-word", note)));
    add(body, make("p", "gg-small", "Colours only tell neighbouring grids apart."));
    words.credits.forEach((credit) => add(body, make("p", "gg-small gg-word", credit)));
    if (narrow || window.innerHeight < 560) byId("gg-legend").open = false;
    L.DomEvent.disableClickPropagation(byId("gg-panel"));
  }
  function margins() {
    const box = panelBox();
    return narrow
      ? { paddingTopLeft: [10, box.bottom + 8], paddingBottomRight: [10, 30] }
      : { paddingTopLeft: [box.right + 16, 16], paddingBottomRight: [56, 30] };
  }

  drawPanel();
  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", "Map of the grids");
  L.control.scale({ position: "bottomright", imperial: false }).addTo(map);
  const [west, south, east, north] = words.bounds;
  map.fitBounds([[south, west], [north, east]], { ...margins(), animate: false });
  drawGrids(layers.grids);
  if (layers.lines) drawWays(layers.lines);
  if (layers.buildings) drawBuildings(layers.buildings);
  restack();
  wireSearch();
  map.on("zoomend", thinLabels);
  thinLabels();
}
