/* Names on the map, of grids and of ways; where they would lie on one another some give way. */
"use strict";

function gridgeoLabels(map, words, layers, openGrid) {
  const { make } = gridgeoDom;
  const labels = L.layerGroup();
  const wayNames = L.layerGroup();

  words.grids.forEach((grid, row) => {
    const text = make("span", "", (grid.inBand ? "" : "⚠ ") + grid.id);
    const label = L.marker([grid.label[1], grid.label[0]], {
      icon: L.divIcon({ className: "gg-label", html: text, iconSize: null }),
      riseOnHover: true,
    });
    label.on("add", () => {
      const node = label.getElement();
      node.classList.toggle("gg-alarm", !grid.inBand);
      const worker = words.workers[grid.worker];
      node.setAttribute("aria-label", [
        words.say.grid + " " + grid.id,
        worker && worker.name,
        grid.inBand ? words.say.in_band : words.say.out_of_band,
      ].filter(Boolean).join(", "));
    });
    label.on("click keypress", (e) => {
      if (e.type === "keypress") {
        if (!["Enter", " "].includes(e.originalEvent.key)) return;
        e.originalEvent.preventDefault();
      }
      openGrid(row, label.getLatLng());
    });
    label.grid = grid;
    labels.addLayer(label);
  });
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

  /* Grids out of band stay first, then the fuller grids; an id is cut to its number before it
     gives way altogether, and written whole where room is left. Names of ways come last; they
     take the box of their turned text. */
  function thin() {
    const ordered = labels.getLayers().sort((a, b) =>
      a.grid.inBand - b.grid.inBand || b.grid.weight - a.grid.weight);
    const shown = ordered.concat(wayNames.getLayers()).filter((label) => label.getElement());
    shown.forEach((label) => label.getElement().classList.remove("gg-hidden"));
    /* Measure all before hiding any: the page is laid out once a length, not once a label. */
    const measured = (short) => {
      shown.forEach((label) => write(label, short));
      return shown.map((label) => {
        const text = label.getElement().firstChild;
        const turn = (label.turn || 0) * Math.PI / 180;
        const [cos, sin] = [Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))];
        const { x, y } = map.latLngToLayerPoint(label.getLatLng());
        const [w, h] = [text.offsetWidth + 4, text.offsetHeight + 4];
        return { x: x, y: y, w: w * cos + h * sin, h: w * sin + h * cos };
      });
    };
    const whole = measured(false);
    const cut = measured(true);
    const placed = new Map();
    const clashes = (i, box) => [...placed].some(([j, p]) => j !== i
      && Math.abs(p.x - box.x) * 2 < p.w + box.w && Math.abs(p.y - box.y) * 2 < p.h + box.h);
    const put = (i) => {
      if (clashes(i, cut[i])) shown[i].getElement().classList.add("gg-hidden");
      else if (cut[i].w > 4) placed.set(i, cut[i]);
    };
    const [grids, ways] = [true, false].map((of) =>
      [...shown.keys()].filter((i) => Boolean(shown[i].grid) === of));
    grids.forEach(put);
    [...placed.keys()].forEach((i) => {
      if (clashes(i, whole[i])) return;
      placed.set(i, whole[i]);
      write(shown[i], false);
    });
    ways.forEach(put);
  }
  function write(label, short) {
    if (!label.grid) return;
    const id = short ? label.grid.short : label.grid.id;
    label.getElement().firstChild.textContent = (label.grid.inBand ? "" : "⚠ ") + id;
  }

  [[layers.grids, labels], [layers.lines, wayNames]].forEach(([layer, names]) => {
    if (!layer) return;
    names.addTo(map);
    map.on("overlayadd overlayremove", (e) => {
      if (e.layer !== layer) return;
      if (e.type === "overlayadd") names.addTo(map); else names.remove();
      thin();
    });
  });
  map.on("zoomend", thin);
  return { thin, each: (visit) => labels.eachLayer(visit) };
}
