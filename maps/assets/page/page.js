/* The page of a grid map: panel, legend, popups, search and print over a Folium map. */
"use strict";

function gridgeoPage(map, layers) {
  const { byId, make, add } = gridgeoDom;
  const words = gridgeoWords();
  const say = words.say;
  const cards = gridgeoCards(words);
  const narrow = () => window.innerWidth <= 640;
  const shapes = [];
  const paperHatch = [];

  /* ---- popups: one for the whole map; by keyboard the focus goes in and comes back ---- */
  const panelBox = () => byId("gg-panel").getBoundingClientRect();
  const pointer = L.tooltip({ className: "gg-tip", direction: "top", offset: [0, -10] });
  const spot = map.createPane("gg-spot");
  spot.style.zIndex = 420;
  spot.style.pointerEvents = "none";
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
    map.panBy = (offset) => L.Map.prototype.panBy.call(map, offset, { animate: false });
  }
  let card = null;
  let byKey = false;
  document.addEventListener("keydown", () => { byKey = true; }, true);
  document.addEventListener("pointerdown", () => { byKey = false; }, true);
  /* On a phone panel and card have no room side by side: all but the search gives way. */
  function makeRoom() {
    document.body.classList.add("gg-beside-card");
    byId("gg-panel").scrollTop = 0;
  }
  function openCard(latlng, content) {
    pointer.remove();
    const from = byKey ? document.activeElement : null;
    makeRoom();
    const box = panelBox();
    const wide = Math.min(300, window.innerWidth - 60);
    card = L.popup({
      minWidth: Math.min(220, wide),
      maxWidth: wide,
      maxHeight: Math.max(180, window.innerHeight - (narrow() ? box.bottom + 90 : 60)),
      autoPanPaddingTopLeft: narrow() ? [12, box.bottom + 8] : [box.right + 12, 12],
      autoPanPaddingBottomRight: [narrow() ? 12 : 56, 24],
    }).setLatLng(latlng).setContent(content);
    card.on("remove", () => {
      document.body.classList.toggle("gg-beside-card", drawn(card));
      if (from && from.isConnected && byKey) from.focus();
    });
    card.openOn(map);
    const frame = card.getElement();
    frame.setAttribute("role", "dialog");
    frame.setAttribute("aria-label", content.querySelector("h2").textContent);
    const close = frame.querySelector(".leaflet-popup-close-button");
    close.setAttribute("aria-label", say.close);
    close.title = say.close;
    if (byKey) content.querySelector("h2").focus({ preventScroll: true });
  }
  /* Leaflet hears Escape only while the map itself has the focus, not a label or the search. */
  document.addEventListener("keydown", (e) => { if (e.key === "Escape") map.closePopup(); });

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
  layers.grids.eachLayer((shape) => {
    shapes[shape.feature.id] = shape;
    if (!words.grids[shape.feature.id].inBand) hatchGrid(shape.feature.id, true);
  });
  function hatchGrid(row, hatched) {
    const colour = words.palette[words.grids[row].colour];
    shapes[row].setStyle({ fillColor: hatched ? hatch(colour) : colour });
  }
  /* A pattern would be printed as a picture: the lines themselves, cut to the grid. */
  function hatchOnPaper(row) {
    const ground = shapes[row].getElement();
    const { x, y, width, height } = ground.getBBox();
    const lines = [];
    for (let from = x - height; from < x + width; from += 9) {
      lines.push(`M${from} ${y + height}L${from + height} ${y}`);
    }
    const named = (name, looks) => {
      const node = L.SVG.create(name);
      Object.entries(looks).forEach(([key, value]) => node.setAttribute(key, value));
      return node;
    };
    const clip = named("clipPath", { id: "gg-hatch-" + row });
    add(clip, named("path", { d: ground.getAttribute("d"), "clip-rule": "evenodd" }));
    const hatched = named("path", { d: lines.join(""), stroke: "rgb(155, 28, 28)", fill: "none",
      "stroke-opacity": 0.6, "clip-path": `url(#gg-hatch-${row})` });
    ground.after(clip, hatched);
    paperHatch.push(clip, hatched);
  }
  /* The row of the grid at a place, -1 where there is none. Rings may nest: count crossings. */
  function gridAt(latlng) {
    const { lat, lng } = latlng;
    const crosses = (ring) => {
      let inside = false;
      for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        const [a, b] = [ring[i], ring[j]];
        if ((a.lat > lat) !== (b.lat > lat)
          && lng < (b.lng - a.lng) * (lat - a.lat) / (b.lat - a.lat) + a.lng) inside = !inside;
      }
      return inside;
    };
    return shapes.findIndex((shape) => shape.getBounds().contains(latlng)
      && ringsOf(shape.getLatLngs()).filter(crosses).length % 2 === 1);
  }
  const ringsOf = (nested) =>
    nested.length && nested[0].lat !== undefined ? [nested] : nested.flatMap(ringsOf);

  /* ---- the mouse: what lies under it, buildings above grids ---- */
  const drawn = (layer) => layer && map.hasLayer(layer);
  function under(latlng) {
    const building = drawn(layers.buildings) ? layers.buildings.at(latlng) : -1;
    if (building >= 0) return { building: building };
    const grid = drawn(layers.grids) ? gridAt(latlng) : -1;
    return grid >= 0 ? { grid: grid } : {};
  }
  let lifted = -1;
  let marked = null;
  function lift(row) {
    if (row === lifted) return;
    if (lifted >= 0) shapes[lifted].setStyle({ fillOpacity: words.fill });
    if (row >= 0) shapes[row].setStyle({ fillOpacity: Math.min(words.fill + 0.22, 1) });
    lifted = row;
  }
  function markBuilding(row) {
    if (marked && marked.row === row) return;
    if (marked) marked.layer.remove();
    marked = row < 0 ? null : { row: row, layer: layers.buildings.outline(row,
      { pane: "gg-spot", interactive: false, weight: 1, color: "#1d4e89", fillOpacity: 0.9 }) };
    if (marked) marked.layer.addTo(map);
  }
  function tell(latlng, content) {
    if (!L.Browser.mobile && !drawn(card)) pointer.setLatLng(latlng).setContent(content).addTo(map);
  }
  function leave() {
    lift(-1);
    markBuilding(-1);
    pointer.remove();
    map.getContainer().classList.remove("gg-over");
  }
  let last = "";
  map.on("mousemove", (e) => {
    const { building = -1, grid = -1 } = under(e.latlng);
    lift(grid);
    markBuilding(building);
    map.getContainer().classList.toggle("gg-over", grid >= 0 || building >= 0);
    const now = building + " " + grid;
    if (building < 0 && grid < 0) pointer.remove();
    else if (now === last && drawn(pointer)) pointer.setLatLng(e.latlng);
    else tell(e.latlng, building >= 0 ? cards.buildingTip(building) : cards.gridTip(words.grids[grid]));
    last = now;
  });
  map.on("mouseout", leave);
  map.on("click", (e) => {
    const { building = -1, grid = -1 } = under(e.latlng);
    if (building >= 0) openCard(e.latlng, cards.building(building));
    else if (grid >= 0) openCard(e.latlng, cards.grid(words.grids[grid]));
  });

  /* ---- going to a grid or a building ---- */
  let found = null;
  function showBuilding(row) {
    makeRoom();
    if (!drawn(layers.buildings)) layers.buildings.addTo(map);
    if (found) found.remove();
    found = layers.buildings.outline(row,
      { pane: "gg-spot", interactive: false, weight: 3, color: "#0b2f5b", fillColor: "#1d4e89",
        fillOpacity: 1 }).addTo(map);
    const at = layers.buildings.centre(row);
    map.setView(at, Math.max(map.getZoom(), 18), { animate: false });
    openCard(at, cards.building(row));
  }
  function openGrid(row, at) { openCard(at, cards.grid(words.grids[row])); }
  function showGrid(row) {
    makeRoom();
    map.fitBounds(shapes[row].getBounds(), { ...margins(), maxZoom: 18, animate: false });
    const grid = words.grids[row];
    openGrid(row, [grid.label[1], grid.label[0]]);
  }

  /* ---- ways: they grow with the ground a little; their names show from near only ---- */
  function fitWays(layer) {
    const lines = layer.getLayers().map((way) => [way, way.options.weight]);
    const fit = () => {
      map.getContainer().classList.toggle("gg-far", map.getZoom() < 15.5);
      const scale = Math.min(Math.max(Math.pow(2, (map.getZoom() - 17) / 1.4), 0.45), 4);
      lines.forEach(([way, weight]) => way.setStyle({ weight: weight * scale }));
    };
    map.on("zoomend", fit);
    fit();
  }
  /* Bottom to top: grids, grids out of band (their outline whole), ways. A layer switched back
     on lands on top, so this is put right each time. */
  function restack() {
    if (drawn(layers.grids)) {
      layers.grids.bringToFront();
      shapes.forEach((shape, row) => { if (!words.grids[row].inBand) shape.bringToFront(); });
    }
    if (drawn(layers.lines)) layers.lines.bringToFront();
  }
  map.on("overlayadd", restack);
  map.on("overlayremove", leave);

  /* ---- panel ---- */
  function keyRow(swatch, text, count) {
    const row = add(make("li"), swatch, make("span", "", text));
    if (count !== undefined) add(row, make("span", "gg-count", String(count)));
    return row;
  }
  const swatch = (kind) => make("span", "gg-swatch " + kind);
  function goTo(row) {
    const go = make("button", "gg-word", words.grids[row].id);
    go.type = "button";
    go.addEventListener("click", () => showGrid(row));
    return go;
  }
  function drawLegend() {
    const out = words.grids.map((grid, row) => row).filter((row) => !words.grids[row].inBand);
    const body = byId("gg-legend-body");
    const key = make("ul", "gg-key");
    const colours = swatch("gg-colours");
    words.palette.forEach((colour) => {
      const stripe = make("i");
      stripe.style.background = colour;
      add(colours, stripe);
    });
    add(key, keyRow(colours, say.in_band_key, words.grids.length - out.length));
    if (out.length) add(key, keyRow(swatch("gg-hatch"), "⚠ " + say.out_of_band_key, out.length));
    if (layers.buildings) {
      const row = keyRow(swatch("gg-building"), say.buildings);
      if (words.buildings.nearZoom > 0) add(row, make("span", "gg-quiet gg-from-near", say.near));
      add(key, row);
    }
    words.kinds.forEach((kind) => {
      if (say[kind]) add(key, keyRow(swatch("gg-" + kind), say[kind]));
    });
    add(body, key);
    const told = out.filter((row) => words.grids[row].reasons);
    if (told.length) {
      const list = make("ul", "gg-out");
      told.forEach((row) => add(list, add(make("li"), goTo(row),
        make("span", "gg-word", " " + words.grids[row].reasons))));
      add(body, list);
    }
    if (words.bands) add(body, make("p", "gg-word", words.bands));
    if (words.proof) add(body, make("p", "gg-proof gg-word", words.proof));
    [...words.notes, say.colours, ...words.credits].forEach((text) =>
      add(body, make("p", "gg-small gg-word", text)));
  }
  function drawList() {
    words.grids.forEach((grid, row) => {
      const item = add(make("li"), goTo(row));
      const worker = cards.workerOf(grid);
      if (worker) {
        const who = make("span", "gg-word", worker.name);
        add(item, who);
        if (worker.phone) add(item, cards.phone(worker.phone, worker.tel));
      }
      add(byId("gg-list-body"), item);
    });
  }
  function drawNumbers() {
    byId("gg-common").hidden = !words.common.length;
    if (words.common.length) add(byId("gg-common"), cards.numbers(words.common));
  }
  function margins() {
    const box = panelBox();
    return narrow()
      ? { paddingTopLeft: [10, box.bottom + 8], paddingBottomRight: [10, 30] }
      : { paddingTopLeft: [box.right + 16, 16], paddingBottomRight: [56, 30] };
  }
  function nameControls() {
    const container = map.getContainer();
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", say.map);
    [["zoom-in", say.zoom_in], ["zoom-out", say.zoom_out], ["layers-toggle", say.layers]]
      .forEach(([control, text]) => {
        const node = container.querySelector(".leaflet-control-" + control);
        node.title = text;
        node.setAttribute("aria-label", text);
      });
    if (!words.tiles) return;
    const credit = L.control({ position: "bottomright" });
    credit.onAdd = () => {
      const by = make(words.tiles.terms ? "a" : "span", "gg-tiles gg-word", words.tiles.by);
      if (words.tiles.terms) by.setAttribute("href", words.tiles.terms);
      return by;
    };
    credit.addTo(map);
  }

  /* ---- print: the map takes the size of the paper, then goes back to where it was ---- */
  const bounds = () => {
    const [west, south, east, north] = words.bounds;
    return L.latLngBounds([[south, west], [north, east]]);
  };
  /* Canvases are drawn in the next frame, which paper does not wait for, and in pixels: on
     paper all is SVG, the hatch too. */
  function redraw(renderer) {
    [layers.grids, layers.lines].filter(drawn).forEach((layer) => layer.eachLayer((path) => {
      map.removeLayer(path);
      path.options.renderer = renderer;
      map.addLayer(path);
    }));
    const out = [...shapes.keys()].filter((row) => !words.grids[row].inBand);
    out.forEach((row) => hatchGrid(row, !renderer));
    restack();
    paperHatch.splice(0).forEach((node) => node.remove());
    if (renderer) out.filter((row) => drawn(shapes[row])).forEach(hatchOnPaper);
    if (drawn(layers.buildings)) layers.buildings.onPaper(Boolean(renderer));
  }
  const folds = document.querySelectorAll(".gg-legend");
  let before = null;
  function toPaper() {
    if (before) return;
    if (found) found.remove();
    before = { centre: map.getCenter(), zoom: map.getZoom(), snap: map.options.zoomSnap,
      open: [...folds].map((fold) => fold.open) };
    leave();
    map.closePopup();
    folds.forEach((fold) => { fold.open = true; });
    map.options.zoomSnap = 0; // the ground fills the paper
    document.documentElement.classList.add("gg-paper");
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(bounds(), { padding: [12, 12], animate: false });
    redraw(L.svg({ padding: 0 }));
    labels.thin();
  }
  function toScreen() {
    if (!before) return;
    document.documentElement.classList.remove("gg-paper");
    folds.forEach((fold, i) => { fold.open = before.open[i]; });
    map.options.zoomSnap = before.snap;
    map.invalidateSize({ animate: false, pan: false });
    map.setView(before.centre, before.zoom, { animate: false });
    redraw(undefined);
    before = null;
    labels.thin();
  }
  window.addEventListener("beforeprint", toPaper);
  window.addEventListener("afterprint", toScreen);

  byId("gg-title").textContent = words.title;
  byId("gg-counts").textContent = words.counts;
  drawLegend();
  drawList();
  drawNumbers();
  if (narrow() || window.innerHeight < 560) byId("gg-legend").open = false;
  L.DomEvent.disableClickPropagation(byId("gg-panel"));
  nameControls();
  L.control.scale({ position: "bottomright", imperial: false }).addTo(map);
  map.fitBounds(bounds(), { ...margins(), animate: false });
  if (layers.lines) fitWays(layers.lines);
  const labels = gridgeoLabels(map, words, layers, openGrid);
  labels.each((label) => {
    label.on("mouseover", (e) => tell(e.latlng, cards.gridTip(label.grid)));
    label.on("mouseout", () => pointer.remove());
  });
  restack();
  labels.thin();
  gridgeoSearch(words, cards, { building: showBuilding, grid: showGrid, narrow: narrow });
  gridgeoWhere(map, words, { gridAt, open: openGrid, bounds, margins });
  /* A link may name a grid: index.html#RV-001. */
  const named = words.grids.findIndex((grid) =>
    location.hash === "#" + encodeURIComponent(grid.id) || location.hash === "#" + grid.id);
  if (named >= 0) showGrid(named);
}
