/* "Where am I?": asks the browser, only when the reader does, and says so where it may not tell. */
"use strict";

function gridgeoWhere(map, words, actions) {
  const { byId, fill } = gridgeoDom;
  const say = words.say;
  const button = byId("gg-where");
  const said = byId("gg-where-said");
  const number = new Intl.NumberFormat(words.language);
  let mark = null;

  /* Browsers tell WGS 84; the map may be drawn in the datum of its basemap. */
  function drawn(longitude, latitude) {
    if (!words.shift) return L.latLng(latitude, longitude);
    const [[x, y], move, east, north] = words.shift;
    const at = [0, 1].map((k) => move[k] + east[k] * (longitude - x) + north[k] * (latitude - y));
    return L.latLng(latitude + at[1], longitude + at[0]);
  }
  function arrived({ coords }) {
    button.disabled = false;
    const at = drawn(coords.longitude, coords.latitude);
    const within_m = Math.max(coords.accuracy || 0, 1);
    const row = actions.gridAt(at);
    if (mark) mark.remove();
    mark = L.layerGroup([
      L.circle(at, { radius: within_m, color: "#1d4e89", weight: 1, fillOpacity: 0.12,
        interactive: false, pane: "gg-spot" }),
      L.circleMarker(at, { radius: 8, color: "#ffffff", weight: 3, fillColor: "#1d4e89",
        fillOpacity: 1, interactive: false, pane: "gg-spot" })
        .bindTooltip(gridgeoDom.make("span", "", say.here), { permanent: true,
          direction: "top", offset: [0, -10], className: "gg-tip" }),
    ]).addTo(map);
    if (row < 0) {
      said.textContent = say.you_out;
      map.fitBounds(actions.bounds().extend(at), { ...actions.margins(), animate: false });
      return;
    }
    /* Another grid within the circle? Then the device cannot know which it is. */
    const around = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => {
      const turn = k * Math.PI / 4;
      const north = within_m * Math.cos(turn) / 111320;
      const east = within_m * Math.sin(turn) / (111320 * Math.cos(at.lat * Math.PI / 180));
      return actions.gridAt(L.latLng(at.lat + north, at.lng + east));
    });
    const sure = around.every((other) => other === row || other < 0);
    said.textContent = fill(sure ? say.you_in : say.you_near,
      { grid: words.grids[row].id, n: number.format(Math.round(within_m)) });
    map.setView(at, Math.max(map.getZoom(), 17), { animate: false });
    actions.open(row, at);
  }
  function failed(error) {
    button.disabled = false;
    /* 1 is "denied": by the reader, or by the browser for a page from a file or without https. */
    said.textContent = error && error.code === 1 ? say.refused : say.not_found;
  }
  button.addEventListener("click", () => {
    if (!navigator.geolocation) {
      said.textContent = say.no_locator;
      return;
    }
    button.disabled = true;
    said.textContent = say.looking;
    navigator.geolocation.getCurrentPosition(arrived, failed,
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 });
  });
}
