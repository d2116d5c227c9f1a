/* Two sides of one map: each in a pane of its own, cut where the slider stands. */
"use strict";

function gridgeoSides(map, layers, words) {
  const { byId, make } = gridgeoDom;
  const SIDES = ["before", "after"];
  const slider = byId("gg-slider");
  const swipe = byId("gg-swipe");
  const THUMB_PX = 44;
  const panes = {};
  const names = {};
  const divider = make("span", "gg-divider");
  divider.setAttribute("aria-hidden", "true");
  divider.append(make("i", "", "◀ " + words.say.before), make("i", "", words.say.after + " ▶"));
  /* Above the names of grids, below cards. */
  const glass = map.createPane("gg-divider");
  glass.style.zIndex = 640;
  glass.style.pointerEvents = "none";
  glass.append(divider);

  SIDES.forEach((side) => {
    panes[side] = [map.getPane("gg-" + side), map.createPane("gg-names-" + side)];
    panes[side][1].style.zIndex = 620;
    panes[side].forEach((pane) => { pane.style.pointerEvents = "none"; });
    names[side] = L.layerGroup().addTo(map);
    words.sides[side].forEach((grid) => {
      const text = make("span", "", (grid.inBand ? "" : "⚠ ") + grid.id);
      const label = L.marker([grid.label[1], grid.label[0]], {
        icon: L.divIcon({ className: "gg-label" + (grid.inBand ? "" : " gg-alarm"), html: text,
          iconSize: null }),
        pane: "gg-names-" + side,
        interactive: false,
        keyboard: false,
      });
      label.grid = grid;
      names[side].addLayer(label);
    });
  });

  /* Where the divider stands, in pixels of the map: at either end the whole map is one side's. */
  function at() {
    const share = Number(slider.value);
    const whole = map.getSize().x;
    if (share === 0) return 0;
    if (share === 100) return whole;
    /* On paper there is no slider to stand beneath. */
    if (document.documentElement.classList.contains("gg-paper")) return share / 100 * whole;
    const box = swipe.getBoundingClientRect();
    const left = box.left - map.getContainer().getBoundingClientRect().left;
    return left + THUMB_PX / 2 + share / 100 * (box.width - THUMB_PX);
  }
  function cut() {
    const x = at();
    const size = map.getSize();
    const [far, top] = [1e5, -1e5];
    const corner = map.containerPointToLayerPoint([x, 0]);
    const line = corner.x;
    const box = (w, e) => `polygon(${w}px ${top}px, ${e}px ${top}px, ${e}px ${far}px, ${w}px ${far}px)`;
    panes.before.forEach((pane) => { pane.style.clipPath = box(-far, line); });
    panes.after.forEach((pane) => { pane.style.clipPath = box(line, far); });
    L.DomUtil.setPosition(divider, corner);
    divider.style.height = size.y + "px";
    divider.hidden = x === 0 || x === size.x;
    slider.setAttribute("aria-valuetext", gridgeoDom.fill(words.say.share, { n: slider.value }));
    document.querySelectorAll("[data-share]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.share === slider.value));
    });
  }
  function set(share) {
    slider.value = share;
    cut();
    map.fire("gg-cut");
  }

  /* Fuller grids keep their names where not all have room; each side by itself. */
  function thin() {
    SIDES.forEach((side) => {
      const placed = [];
      const shown = names[side].getLayers().sort((a, b) =>
        a.grid.inBand - b.grid.inBand || b.grid.weight - a.grid.weight);
      shown.forEach((label) => label.getElement().classList.remove("gg-hidden"));
      const boxes = shown.map((label) => {
        const text = label.getElement().firstChild;
        const { x, y } = map.latLngToLayerPoint(label.getLatLng());
        return { x: x, y: y, w: text.offsetWidth + 4, h: text.offsetHeight + 4 };
      });
      boxes.forEach((box, i) => {
        const clash = placed.some((p) =>
          Math.abs(p.x - box.x) * 2 < p.w + box.w && Math.abs(p.y - box.y) * 2 < p.h + box.h);
        if (clash) shown[i].getElement().classList.add("gg-hidden");
        else placed.push(box);
      });
    });
  }

  /* The side that is seen at a place, and the row of its grid there, -1 where there is none. */
  const sideAt = (latlng) => map.latLngToContainerPoint(latlng).x < at() ? "before" : "after";
  const ringsOf = (nested) =>
    nested.length && nested[0].lat !== undefined ? [nested] : nested.flatMap(ringsOf);
  function gridAt(side, latlng) {
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
    const hit = layers[side].getLayers().find((shape) => shape.getBounds().contains(latlng)
      && ringsOf(shape.getLatLngs()).filter(crosses).length % 2 === 1);
    return hit ? hit.feature.id : -1;
  }

  slider.addEventListener("input", () => set(slider.value));
  document.querySelectorAll("[data-share]").forEach((button) => {
    button.addEventListener("click", () => set(button.dataset.share));
  });
  /* The map must not be dragged along with the slider. */
  L.DomEvent.disableClickPropagation(slider);
  map.on("move zoom viewreset resize", cut);
  map.on("zoomend", thin);
  return { cut, thin, sideAt, gridAt };
}
