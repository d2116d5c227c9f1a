/* All buildings in one canvas of their own, from packed shapes (maps/packed.py): tens of
   thousands would be too many for features of Leaflet's. */
"use strict";

function gridgeoBuildings(data) {
  const crs = L.CRS[gridgeoWords().crs];

  /* ---- unpack: corners on the map's plane at zoom 0 ---- */
  function numbers(text) {
    const bytes = atob(text);
    const out = [];
    for (let i = 0; i < bytes.length; i++) {
      let value = 0;
      let scale = 1;
      let byte = bytes.charCodeAt(i);
      for (; byte > 127; byte = bytes.charCodeAt(++i)) {
        value += (byte - 128) * scale;
        scale *= 128;
      }
      out.push(value + byte * scale);
    }
    return out;
  }
  const ringsOf = numbers(data.shapes.rings);
  const cornersOf = numbers(data.shapes.corners);
  const steps = numbers(data.shapes.steps);
  const count = ringsOf.length;
  const xs = new Float64Array(steps.length / 2);
  const ys = new Float64Array(steps.length / 2);
  let [east, north] = [0, 0];
  for (let i = 0; i < xs.length; i++) {
    const [a, b] = [steps[2 * i], steps[2 * i + 1]];
    east += a % 2 ? -(a + 1) / 2 : a / 2;
    north += b % 2 ? -(b + 1) / 2 : b / 2;
    const corner = crs.latLngToPoint({ lat: north / 1e7, lng: east / 1e7 }, 0);
    xs[i] = corner.x;
    ys[i] = corner.y;
  }
  /* Where the rings of each building begin, where the corners of each ring do, and boxes. */
  const firstRing = new Uint32Array(count + 1);
  const firstCorner = new Uint32Array(cornersOf.length + 1);
  ringsOf.forEach((n, row) => { firstRing[row + 1] = firstRing[row] + n; });
  cornersOf.forEach((n, ring) => { firstCorner[ring + 1] = firstCorner[ring] + n; });
  const box = [Infinity, Infinity, -Infinity, -Infinity].map((n) => new Float64Array(count).fill(n));
  for (let row = 0; row < count; row++) {
    for (let i = firstCorner[firstRing[row]]; i < firstCorner[firstRing[row + 1]]; i++) {
      box[0][row] = Math.min(box[0][row], xs[i]);
      box[1][row] = Math.min(box[1][row], ys[i]);
      box[2][row] = Math.max(box[2][row], xs[i]);
      box[3][row] = Math.max(box[3][row], ys[i]);
    }
  }
  const isDot = (row) => firstCorner[firstRing[row + 1]] - firstCorner[firstRing[row]] === 1;
  const place = (x, y) => crs.pointToLatLng(L.point(x, y), 0);
  const eachRing = (row, visit) => {
    for (let ring = firstRing[row]; ring < firstRing[row + 1]; ring++) {
      visit(firstCorner[ring], firstCorner[ring + 1]);
    }
  };

  /* ---- draw ---- */
  const FILL = "rgba(75, 85, 99, 0.78)";
  const RIM = "rgba(55, 65, 81, 0.8)";
  const BATCH = 500; // buildings a path: long paths are slow to fill, short ones many
  const DOT_PX = 4;
  const Canvas = L.Renderer.extend({
    options: { pane: "gg-buildings", padding: 0.1 },
    beforeAdd(map) {
      if (map.getPane("gg-buildings")) return;
      const pane = map.createPane("gg-buildings");
      pane.style.zIndex = 410;
      pane.style.pointerEvents = "none";
    },
    _initContainer() { this._container = L.DomUtil.create("canvas", "gg-buildings"); },
    _destroyContainer() {
      this._container.remove();
      delete this._container;
    },
    _updatePaths() {},
    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const sharp = Math.max(window.devicePixelRatio || 1, 1);
      const size = this._bounds.getSize();
      L.DomUtil.setPosition(this._container, this._bounds.min);
      this._container.width = size.x * sharp;
      this._container.height = size.y * sharp;
      this._container.style.width = size.x + "px";
      this._container.style.height = size.y + "px";
      if (this.shows()) this._draw(this._container.getContext("2d"), sharp);
    },
    _draw(ink, sharp) {
      const scale = Math.pow(2, this._map.getZoom());
      const origin = this._map.getPixelOrigin().add(this._bounds.min);
      ink.setTransform(sharp, 0, 0, sharp, 0, 0);
      ink.fillStyle = FILL;
      ink.strokeStyle = RIM;
      ink.lineWidth = 0.75;
      const rows = this.within(this._bounds.min, this._bounds.max);
      for (let from = 0; from < rows.length; from += BATCH) {
        ink.beginPath();
        rows.slice(from, from + BATCH).forEach((row) => this._trace(row, ink, scale, origin));
        ink.fill();
        ink.stroke();
      }
    },
    /* Move a pen along a building: a canvas', or one that writes the path of an SVG. */
    _trace(row, pen, scale, origin) {
      const [x, y] = [box[0][row] * scale - origin.x, box[1][row] * scale - origin.y];
      const wide = (box[2][row] - box[0][row]) * scale;
      const high = (box[3][row] - box[1][row]) * scale;
      if (isDot(row)) {
        pen.moveTo(x + DOT_PX, y);
        pen.arc(x, y, DOT_PX, 0, 2 * Math.PI);
      } else if (Math.max(wide, high) < 3) {
        pen.rect(x, y, Math.max(wide, 1), Math.max(high, 1));
      } else {
        eachRing(row, (first, end) => {
          pen.moveTo(xs[first] * scale - origin.x, ys[first] * scale - origin.y);
          for (let i = first + 1; i < end; i++) {
            pen.lineTo(xs[i] * scale - origin.x, ys[i] * scale - origin.y);
          }
          pen.closePath();
        });
      }
    },
    /* Lay an SVG in the place of the canvas, for print, or take it away. Paper shows all
       buildings, however many: it cannot be zoomed, is finer than a screen and never moves. */
    onPaper(on) {
      if (this._paper) this._paper.remove();
      this._paper = null;
      this._container.style.display = on ? "none" : "";
      if (!on) return;
      const said = [];
      const put = (...parts) => {
        said.push(parts.map((p) => typeof p === "number" ? p.toFixed(1) : p).join(" "));
      };
      const pen = {
        moveTo: (x, y) => put("M", x, y),
        lineTo: (x, y) => put("L", x, y),
        closePath: () => put("Z"),
        rect: (x, y, w, h) => put("M", x, y, "h", w, "v", h, "h", -w, "Z"),
        arc: (x, y, r) => put("a", r, r, "0 1 1", -2 * r, "0 a", r, r, "0 1 1", 2 * r, "0 Z"),
      };
      const size = this._bounds.getSize();
      const scale = Math.pow(2, this._map.getZoom());
      const origin = this._map.getPixelOrigin().add(this._bounds.min);
      this.within(this._bounds.min, this._bounds.max)
        .forEach((row) => this._trace(row, pen, scale, origin));
      const path = L.SVG.create("path");
      const look = { d: said.join(""), fill: FILL, stroke: RIM, "stroke-width": this.shows() ? 0.5 : 0 };
      Object.entries(look).forEach(([key, value]) => path.setAttribute(key, value));
      this._paper = L.SVG.create("svg");
      this._paper.setAttribute("width", size.x);
      this._paper.setAttribute("height", size.y);
      L.DomUtil.setPosition(this._paper, this._bounds.min);
      this._paper.appendChild(path);
      this.getPane().appendChild(this._paper);
    },

    /* ---- ask ---- */
    /* Whether buildings are drawn from here: many are from near only. */
    shows() { return this._map.getZoom() >= data.nearZoom; },
    /* Rows of buildings whose box reaches between two layer points. */
    within(min, max) {
      const scale = Math.pow(2, this._map.getZoom());
      const origin = this._map.getPixelOrigin();
      const [w, n] = [(min.x + origin.x) / scale, (min.y + origin.y) / scale];
      const [e, s] = [(max.x + origin.x) / scale, (max.y + origin.y) / scale];
      const rows = [];
      for (let row = 0; row < count; row++) {
        if (box[0][row] <= e && box[2][row] >= w && box[1][row] <= s && box[3][row] >= n) {
          rows.push(row);
        }
      }
      return rows;
    },
    /* The row of the building drawn at a place, -1 where there is none. */
    at(latlng) {
      if (!this._map || !this.shows()) return -1;
      const point = this._map.latLngToLayerPoint(latlng);
      const near = this.within(point.subtract([DOT_PX, DOT_PX]), point.add([DOT_PX, DOT_PX]));
      const { x, y } = crs.latLngToPoint(latlng, 0);
      const holds = (row) => {
        if (isDot(row)) return true;
        let inside = false;
        eachRing(row, (first, end) => {
          for (let i = first, j = end - 1; i < end; j = i++) {
            if ((ys[i] > y) !== (ys[j] > y)
              && x < (xs[j] - xs[i]) * (y - ys[i]) / (ys[j] - ys[i]) + xs[i]) inside = !inside;
          }
        });
        return inside;
      };
      const hits = near.filter(holds);
      return hits.length ? hits[hits.length - 1] : -1;
    },
    centre: (row) => place((box[0][row] + box[2][row]) / 2, (box[1][row] + box[3][row]) / 2),
    /* A layer in the shape of one building, to mark it. */
    outline(row, style) {
      if (isDot(row)) return L.circleMarker(this.centre(row), { radius: DOT_PX + 3, ...style });
      const rings = [];
      eachRing(row, (first, end) => {
        const ring = [];
        for (let i = first; i < end; i++) ring.push(place(xs[i], ys[i]));
        rings.push([ring]);
      });
      return L.polygon(rings, style);
    },
  });
  return new Canvas();
}
