/* What popups and tooltips say of a building that moves or stays, and of a grid of either side. */
"use strict";

function gridgeoChangeCards(words) {
  const { make, add, fill } = gridgeoDom;
  const say = words.say;
  const { before, after } = words.sides;

  /* A grid by its id, with the other one where it has another id on the other side. */
  function named(grid, other, kin, alone) {
    if (!other) return fill(alone, { grid: grid.id });
    return other.id === grid.id ? grid.id : fill(kin, { grid: grid.id, heir: other.id });
  }
  const beforeName = (row) => named(before[row], after[before[row].kin], say.now, say.ended);
  const afterName = (row) => named(after[row], before[after[row].kin], say.was, say.begun);
  const owned = (name, grid) => grid.owner ? name + " · " + grid.owner : name;
  const fromText = (row) => row < 0 ? say.nowhere : owned(beforeName(row), before[row]);
  const toText = (row) => row < 0 ? say.nowhere : owned(afterName(row), after[row]);

  function frame(heading) {
    const card = make("div", "gg-card");
    const title = make("h2", "gg-word", heading);
    title.tabIndex = -1;
    return add(card, title);
  }
  function terms(pairs) {
    const list = make("dl");
    pairs.forEach(([term, value]) => {
      if (value) add(list, make("dt", "", term), make("dd", "gg-word", value));
    });
    return list;
  }
  const kindOf = (of, row) =>
    of.from[row] < 0 ? "new" : of.to[row] < 0 ? "gone" : of.moves && of.moves[row] ? "moves" : "still";
  function building(of, row) {
    const card = frame(of.names[row] || of.ids[row]);
    add(card, make("span", "gg-badge gg-kind-" + kindOf(of, row), say[kindOf(of, row)]));
    add(card, terms([
      [say.building, of.ids[row]], [say.address, of.addresses[row]],
      [say.households, of.households[row]],
      [say.grid_before, fromText(of.from[row])], [say.grid_after, toText(of.to[row])],
    ]));
    return card;
  }
  function grid(side, row) {
    const it = words.sides[side][row];
    const card = frame(it.id);
    add(card, make("p", "gg-sub", say[side]));
    const badge = make("span", "gg-badge", it.inBand ? say.in_band : "⚠ " + say.out_of_band);
    if (!it.inBand) badge.classList.add("gg-alarm");
    const other = side === "before" ? after[it.kin] : before[it.kin];
    add(card, badge, terms([
      [say.worker, it.owner], [say.buildings, it.buildings], [say.households, it.households],
      [say.population, it.population],
      [side === "before" ? say.carried : say.carries, other ? other.id : say.nowhere],
    ]));
    return card;
  }
  function tip(heading, details) {
    const text = details.filter(Boolean).join(" · ");
    return add(make("div"), make("b", "gg-word", heading), make("span", "gg-word", text));
  }
  return {
    building,
    grid,
    kindOf,
    flow: (it) => fill(say.to, { from: beforeName(it.from), to: afterName(it.to) }),
    owners: (it) => [before[it.from].owner, after[it.to].owner],
    buildingTip: (of, row) => tip(of.names[row] || of.ids[row],
      [say[kindOf(of, row)], fromText(of.from[row]) + " → " + toText(of.to[row])]),
    gridTip: (side, row) => tip(words.sides[side][row].id,
      [say[side], words.sides[side][row].owner,
        fill(say.homes, { n: words.sides[side][row].households })]),
  };
}
