/* The page of a comparison: buildings that move, who gives to whom, cards and print. */
"use strict";

function gridgeoChanges(map, layers) {
  const { byId, make, add, fill } = gridgeoDom;
  const words = gridgeoWords();
  const say = words.say;
  const cards = gridgeoChangeCards(words);
  const narrow = () => window.innerWidth <= 640;
  const LOOKS = {
    moves: { color: "#7a2e00", weight: 2, fillColor: "#f07f2e", fillOpacity: 0.95 },
    new: { color: "#0b3d2e", weight: 2.5, fillColor: "#ffffff", fillOpacity: 0.95 },
    gone: { color: "#222222", weight: 2, dashArray: "4 3", fillColor: "#ffffff", fillOpacity: 0.35 },
  };
  const sides = gridgeoSides(map, layers, words);

  /* ---- buildings: those that stay in one canvas, the others each a shape above both sides ---- */
  const still = gridgeoBuildings(words.still).addTo(map);
  const moving = gridgeoBuildings(words.moving);
  const spot = map.createPane("gg-moving");
  spot.style.zIndex = 430;
  const ink = L.svg({ pane: "gg-moving" });
  const marks = words.moving.ids.map((id, row) => {
    const kind = cards.kindOf(words.moving, row);
    const mark = moving.outline(row, { pane: "gg-moving", renderer: ink, ...LOOKS[kind] });
    mark.bindTooltip(() => cards.buildingTip(words.moving, row),
      { className: "gg-tip", direction: "top", sticky: true });
    mark.on("click", (e) => {
      L.DomEvent.stopPropagation(e);
      openCard(e.latlng, cards.building(words.moving, row));
    });
    return mark.addTo(map);
  });
  let lifted = [];
  function lift(rows) {
    lifted.forEach((row) => marks[row].setStyle({ weight: LOOKS[cards.kindOf(words.moving, row)].weight }));
    rows.forEach((row) => marks[row].setStyle({ weight: 5 }).bringToFront());
    lifted = rows;
  }

  /* ---- cards: by keyboard the focus goes in and comes back ---- */
  let byKey = false;
  document.addEventListener("keydown", () => { byKey = true; }, true);
  document.addEventListener("pointerdown", () => { byKey = false; }, true);
  document.addEventListener("keydown", (e) => { if (e.key === "Escape") map.closePopup(); });
  const panelBox = () => byId("gg-panel").getBoundingClientRect();
  function openCard(latlng, content) {
    const from = byKey ? document.activeElement : null;
    const box = panelBox();
    const card = L.popup({
      minWidth: 220,
      maxWidth: 320,
      autoPanPaddingTopLeft: narrow() ? [12, box.bottom + 8] : [box.right + 12, 12],
      autoPanPaddingBottomRight: [narrow() ? 12 : 56, 24],
    }).setLatLng(latlng).setContent(content);
    card.on("remove", () => { if (from && from.isConnected && byKey) from.focus(); });
    card.openOn(map);
    const element = card.getElement();
    element.setAttribute("role", "dialog");
    element.setAttribute("aria-label", content.querySelector("h2").textContent);
    const close = element.querySelector(".leaflet-popup-close-button");
    close.setAttribute("aria-label", say.close);
    close.title = say.close;
    if (byKey) content.querySelector("h2").focus({ preventScroll: true });
  }
  map.on("click", (e) => {
    const building = still.at(e.latlng);
    const side = sides.sideAt(e.latlng);
    const grid = sides.gridAt(side, e.latlng);
    if (building >= 0) openCard(e.latlng, cards.building(words.still, building));
    else if (grid >= 0) openCard(e.latlng, cards.grid(side, grid));
  });

  /* ---- panel ---- */
  const margins = () => {
    const box = panelBox();
    return narrow()
      ? { paddingTopLeft: [10, box.bottom + 8], paddingBottomRight: [10, 30] }
      : { paddingTopLeft: [box.right + 16, 16], paddingBottomRight: [56, 30] };
  };
  const boundsOf = (rows) => rows.reduce((all, row) => {
    const mark = marks[row];
    return all.extend(mark.getBounds ? mark.getBounds() : mark.getLatLng());
  }, L.latLngBounds([]));
  function show(rows) {
    lift(rows);
    map.fitBounds(boundsOf(rows), { ...margins(), maxZoom: 18, animate: false });
  }
  function button(text, act) {
    const go = make("button", "gg-word", text);
    go.type = "button";
    go.addEventListener("click", act);
    return go;
  }
  function houses(rows) {
    const list = make("ul", "gg-houses");
    rows.forEach((row) => {
      const of = words.moving;
      const name = of.names[row] && of.names[row] !== of.ids[row]
        ? of.ids[row] + " · " + of.names[row] : of.ids[row];
      const go = button(name, () => {
        show([row]);
        openCard(boundsOf([row]).getCenter(), cards.building(of, row));
      });
      add(list, add(make("li"), go, make("span", "", of.households[row])));
    });
    return list;
  }
  function group(title, count, rows) {
    const box = make("details", "gg-flow");
    const head = make("summary");
    add(box, add(head, make("b", "gg-word", title), make("small", "gg-word", count)));
    box.addEventListener("toggle", () => {
      /* Made when first wanted: there may be thousands. */
      if (box.open && !box.querySelector("ul")) add(box, houses(rows));
      if (box.open) show(rows);
    });
    return box;
  }
  function drawFlows() {
    const body = byId("gg-flows-body");
    if (!words.flows.length) add(body, make("p", "", say.no_flows));
    words.flows.forEach((flow) => {
      const owners = cards.owners(flow);
      const count = fill(say.houses, { n: flow.buildings }) + " · "
        + fill(say.homes, { n: flow.households });
      const who = owners.some(Boolean) ? owners.map((name) => name || "–").join(" → ") + " · " : "";
      add(body, group(cards.flow(flow), who + count, flow.rows));
    });
    const rest = words.moving.ids.map((id, row) => row).filter((row) => !words.moving.moves[row]);
    if (rest.length) {
      add(body, group(say.others, fill(say.houses, { n: rest.length }), rest));
    }
  }
  function keyRow(look, text) {
    return add(make("li"), make("span", "gg-swatch " + look), make("span", "", text));
  }
  function drawLegend() {
    const key = make("ul", "gg-key");
    const kinds = new Set(words.moving.ids.map((id, row) => cards.kindOf(words.moving, row)));
    ["moves", "new", "gone"].filter((kind) => kinds.has(kind))
      .forEach((kind) => add(key, keyRow("gg-mark gg-kind-" + kind, say[kind])));
    add(key, keyRow("gg-building", say.still));
    const out = [...words.sides.before, ...words.sides.after].some((grid) => !grid.inBand);
    if (out) add(key, keyRow("gg-outside", "⚠ " + say.out_of_band_key));
    add(byId("gg-legend-body"), key, make("p", "gg-small", say.colours));
  }
  function nameControls() {
    const container = map.getContainer();
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", say.map);
    [["zoom-in", say.zoom_in], ["zoom-out", say.zoom_out]].forEach(([control, text]) => {
      const node = container.querySelector(".leaflet-control-" + control);
      node.title = text;
      node.setAttribute("aria-label", text);
    });
  }

  /* ---- where things stand: the slider keeps to the part of the map that no panel covers ---- */
  const bounds = L.latLngBounds([[words.bounds[1], words.bounds[0]], [words.bounds[3], words.bounds[2]]]);
  function place() {
    const box = panelBox();
    byId("gg-swipe").style.left = (narrow() ? 8 : box.right + 8) + "px";
    sides.cut();
  }
  /* On paper all is SVG: canvases are drawn in pixels, and in the next frame. */
  function redraw(onPaper) {
    Object.values(layers).forEach((layer) => layer.eachLayer((path) => {
      map.removeLayer(path);
      path.options.renderer = onPaper ? paper(path.options.pane) : undefined;
      map.addLayer(path);
    }));
    if (layers.lines) layers.lines.bringToFront();
    still.onPaper(onPaper);
  }
  const papers = {};
  const paper = (pane) => (papers[pane] = papers[pane] || L.svg({ pane: pane, padding: 0 }));
  let before = null;
  function toPaper() {
    if (before) return;
    before = { centre: map.getCenter(), zoom: map.getZoom() };
    map.closePopup();
    lift([]);
    document.documentElement.classList.add("gg-paper");
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(bounds, { padding: [12, 12], animate: false });
    redraw(true);
    place();
    sides.thin();
  }
  function toScreen() {
    if (!before) return;
    document.documentElement.classList.remove("gg-paper");
    map.invalidateSize({ animate: false, pan: false });
    map.setView(before.centre, before.zoom, { animate: false });
    redraw(false);
    before = null;
    place();
    sides.thin();
  }
  window.addEventListener("beforeprint", toPaper);
  window.addEventListener("afterprint", toScreen);
  window.addEventListener("resize", place);

  byId("gg-title").textContent = words.title;
  words.summary.forEach((text) => add(byId("gg-summary"), make("p", "gg-word", text)));
  drawFlows();
  drawLegend();
  if (narrow() || window.innerHeight < 560) byId("gg-flows").open = false;
  L.DomEvent.disableClickPropagation(byId("gg-panel"));
  nameControls();
  L.control.scale({ position: "bottomright", imperial: false }).addTo(map);
  if (layers.lines) layers.lines.bringToFront();
  map.fitBounds(bounds, { ...margins(), animate: false });
  place();
  sides.thin();
}
