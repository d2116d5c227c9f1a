/* Baidu's plane and tiles as a coordinate system of Leaflet's, L.CRS.BD09. Its polynomials are the
   Mercator of the Clarke 1866 ellipsoid, to 2 cm up to latitude 45 and 8 cm at 52. A pixel is
   a metre of that plane at zoom 18; rows of tiles count north from the equator. */
"use strict";

(() => {
  const [A_M, B_M] = [6378206.4, 6356583.8];
  const E = Math.sqrt(1 - Math.pow(B_M / A_M, 2));
  const RAD = Math.PI / 180;
  const flattened = (latitude) => {
    const sine = E * Math.sin(latitude);
    return Math.pow((1 - sine) / (1 + sine), E / 2);
  };
  const projection = {
    project({ lat, lng }) {
      const latitude = lat * RAD;
      const y = Math.log(Math.tan(Math.PI / 4 + latitude / 2) * flattened(latitude));
      return L.point(A_M * lng * RAD, A_M * y);
    },
    unproject({ x, y }) {
      const south = Math.exp(-y / A_M);
      let latitude = Math.PI / 2 - 2 * Math.atan(south);
      /* A step gains a factor of 300 or so: five leave nothing. */
      for (let i = 0; i < 5; i++) {
        latitude = Math.PI / 2 - 2 * Math.atan(south * flattened(latitude));
      }
      return L.latLng(latitude / RAD, x / A_M / RAD);
    },
    /* From the equator, so that Leaflet's {-y} is the row that Baidu counts. */
    bounds: L.bounds([0, 0], [Math.pow(2, 25), Math.pow(2, 25)]),
  };
  L.CRS.BD09 = L.extend({}, L.CRS.Earth, {
    code: "BD09",
    projection,
    transformation: L.transformation(1, 0, -1, 0),
    scale: (zoom) => Math.pow(2, zoom - 18),
    zoom: (scale) => Math.log2(scale) + 18,
  });
})();
