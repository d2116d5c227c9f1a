/* What popups and tooltips say of a grid, a building and a grid's worker. */
"use strict";

function gridgeoCards(words) {
  const { make, add } = gridgeoDom;
  const say = words.say;
  const nameOf = (row) => words.buildings.names ? words.buildings.names[row] : "";
  const addressOf = (row) => words.buildings.addresses ? words.buildings.addresses[row] : "";

  function terms(pairs) {
    const list = make("dl");
    pairs.forEach(([term, value]) => {
      if (value) add(list, make("dt", "", term), make("dd", "gg-word", value));
    });
    return list;
  }
  function phone(text, tel) {
    if (!tel) return make("span", "gg-word", text);
    const link = make("a", "gg-tel gg-word", text);
    link.setAttribute("href", tel);
    return link;
  }
  /* Numbers to call, each [label, phone, link]. */
  function numbers(services) {
    const list = make("ul", "gg-numbers");
    services.forEach(([label, text, tel]) =>
      add(list, add(make("li"), make("span", "gg-word", label), phone(text, tel))));
    return list;
  }
  function picture(source, alt, className) {
    const image = make("img", className);
    image.setAttribute("alt", alt);
    image.setAttribute("src", source);
    return image;
  }
  function lines(heading, texts) {
    if (!texts.length) return [];
    const list = make("ul");
    texts.forEach((text) => add(list, make("li", "gg-word", text)));
    return [make("h3", "", heading), list];
  }
  function link(grid) {
    if (!grid.page) return "";
    const go = make("a", "gg-word", say.page);
    go.setAttribute("href", grid.page);
    return add(make("p", "gg-page"), go);
  }
  function contacts(box, grid) {
    const services = words.services[grid.services];
    return services.length ? add(box, make("h3", "", say.contacts), numbers(services)) : box;
  }
  function worker(grid) {
    const box = make("section", "gg-worker");
    box.setAttribute("aria-label", say.worker);
    const person = words.workers[grid.worker];
    if (!person) return contacts(add(box, make("p", "gg-quiet", say.no_worker), link(grid)), grid);
    const head = make("div", "gg-worker-head");
    const who = make("div");
    add(who, make("p", "gg-quiet", say.worker));
    if (person.name) add(who, make("p", "gg-worker-name gg-word", person.name));
    if (person.phone) {
      const call = make("p", "gg-worker-phone");
      add(call, make("span", "gg-unseen", say.phone + " "), phone(person.phone, person.tel));
      add(who, call);
    }
    if (person.chat) {
      const id = /^https:\/\//.test(person.chat) ? make("a", "gg-word") : make("span", "gg-word");
      if (id.tagName === "A") {
        id.setAttribute("href", person.chat);
        id.setAttribute("rel", "noopener noreferrer");
      }
      id.textContent = person.chat;
      add(who, add(make("p", "gg-chat-id"), make("span", "gg-term", say.chat_id), " ", id));
    }
    add(box, add(head, picture(person.picture, "", "gg-photo"), who), link(grid));
    add(box, ...lines(say.duties, person.duties));
    add(box, ...lines(say.responsibilities, person.responsibilities));
    if (person.qr) {
      const code = picture(person.qr, say.chat + ": " + person.chat, "gg-qr");
      add(box, add(make("div", "gg-chat"), code, make("span", "", say.chat)));
    }
    return contacts(box, grid);
  }
  function frame(heading) {
    const card = make("div", "gg-card");
    const title = make("h2", "gg-word", heading);
    title.tabIndex = -1;
    return add(card, title);
  }
  function grid(it) {
    const card = frame(it.id);
    if (it.community) add(card, make("p", "gg-sub gg-word", it.community));
    const badge = make("span", "gg-badge", it.inBand ? say.in_band : "⚠ " + say.out_of_band);
    if (!it.inBand) badge.classList.add("gg-alarm");
    /* beside figures, or where something is to be said; else it is no matter of a resident's */
    if (!it.inBand || it.households) add(card, badge);
    add(card, worker(it));
    add(card, terms([
      [say.households, it.households], [say.population, it.population],
      [say.buildings, it.buildings],
    ]));
    if (it.reasons) add(card, make("p", "gg-reasons gg-word", it.reasons));
    return card;
  }
  function building(row) {
    const id = words.buildings.ids[row];
    const it = words.grids[words.buildings.grids[row]];
    const card = frame(nameOf(row) || id);
    add(card, terms([
      [say.building, id], [say.address, addressOf(row)], [say.grid, it.id],
    ]), worker(it));
    return card;
  }
  function tip(heading, details) {
    const text = details.filter(Boolean).join(" · ");
    return add(make("div"), make("b", "gg-word", heading), make("span", "gg-word", text));
  }
  return {
    grid,
    building,
    phone,
    numbers,
    nameOf,
    addressOf,
    workerOf: (it) => words.workers[it.worker],
    gridTip: (it) => tip(it.id, [
      words.workers[it.worker] && words.workers[it.worker].name,
      it.households && say.households + " " + it.households,
      it.inBand ? "" : say.out_of_band,
    ]),
    buildingTip(row) {
      const id = words.buildings.ids[row];
      const name = nameOf(row);
      return tip(name || id, [name && name !== id && id, words.grids[words.buildings.grids[row]].id]);
    },
  };
}
