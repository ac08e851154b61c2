// The compare explorer: chosen scores as a scatter, a radar and a table. It computes no score.

const MUTED = "#5f5f5f", WEB = "#cfcfcf", HOLLOW = { fill: "none", "stroke-width": 1.5 };

/** Scores and published values, found by network, protocol and metric. */
function library(model) {
  const keyed = (rows, ...names) => new Map(rows.map((row) => [names.map((name) => row[name]).join(" "), row]));
  const scores = keyed(model.get("scores"), "network", "protocol", "metric");
  const published = keyed(model.get("published"), "network", "metric");
  const none = { value: [null, null, null], turned: [null, null, null] };
  return {
    score: (network, protocol, metric) => scores.get(`${network} ${protocol} ${metric}`) ?? none,
    published: (network, metric) => published.get(`${network} ${metric}`) ?? { value: null, turned: null },
  };
}

const told = ([value, low, high]) =>
  value === null ? "not defined" : value.toFixed(3) + (low === null ? "" : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`);

/** A mark that says what it is where a mouse rests on it. */
function named(words, shape, x, y, size, attributes) {
  const drawn = mark(shape, x, y, size, attributes);
  drawn.append(svg("title", {}, words));
  return drawn;
}

function scatter({ data, look, names, state }, protocol) {
  const { networks, x, y } = state, [left, right, top, bottom] = [46, 322, 24, 232];
  const all = (metric) => networks.flatMap((network) => [
    ...state.protocols.flatMap((each) => data.score(network, each, metric).value), data.published(network, metric).value,
  ]);
  const title = { "aria-label": `${names[x].name} against ${names[y].name}, ${look.protocols[protocol]}; the table has the values` };
  const drawing = svg("svg", { viewBox: "0 0 330 270", width: 330, role: "img", ...title });
  if (!known(all(x)).length || !known(all(y)).length) return drawing;
  const spans = [range(known(all(x))), range(known(all(y)))];
  const across = scaled(spans[0], [left, right]), up = scaled(spans[1], [bottom, top]);
  const grid = { stroke: "#e4e4e4" }, small = { "font-size": 11 };
  for (const at of roundNumbers(spans[0])) {
    drawing.append(svg("line", { x1: across(at), x2: across(at), y1: top, y2: bottom, ...grid }));
    drawing.append(svg("text", { x: across(at), y: bottom + 15, "text-anchor": "middle", ...small }, at));
  }
  for (const at of roundNumbers(spans[1])) {
    drawing.append(svg("line", { x1: left, x2: right, y1: up(at), y2: up(at), ...grid }));
    drawing.append(svg("text", { x: left - 5, y: up(at) + 4, "text-anchor": "end", ...small }, at));
  }
  drawing.append(svg("text", { x: left - 40, y: 12 }, `↑ ${names[y].title}`));
  drawing.append(svg("text", { x: right, y: bottom + 34, "text-anchor": "end" }, `${names[x].title} →`));
  for (const network of networks) drawing.append(...crossed(data, look, state, protocol, network, across, up));
  return drawing;
}

/** A network's value with its interval on both axes, and the published value as a hollow mark. */
function crossed(data, look, { x, y }, protocol, network, across, up) {
  const { color, mark: shape, name } = look.networks[network];
  const [a, aLow, aHigh] = data.score(network, protocol, x).value, [b, bLow, bHigh] = data.score(network, protocol, y).value;
  const [c, d] = [data.published(network, x).value, data.published(network, y).value];
  const whisker = { stroke: color, "stroke-width": 1.2, class: "interval" }, parts = [];
  if (known([a, b]).length === 2) {
    if (aLow !== null) parts.push(svg("line", { x1: across(aLow), x2: across(aHigh), y1: up(b), y2: up(b), ...whisker }));
    if (bLow !== null) parts.push(svg("line", { x1: across(a), x2: across(a), y1: up(bLow), y2: up(bHigh), ...whisker }));
    const words = `${name}: ${told([a, aLow, aHigh])} and ${told([b, bLow, bHigh])}`;
    parts.push(named(words, shape, across(a), up(b), 5, { fill: color, class: "measured" }));
  }
  if (known([c, d]).length === 2)
    parts.push(named(`${name}, published: ${c} and ${d}`, shape, across(c), up(d), 5, { ...HOLLOW, stroke: color, class: "published" }));
  return parts;
}

function radar({ data, look, names, state, beside }, protocol) {
  const { networks, metrics } = state, three = metrics.length === 3;
  const width = three ? 330 : 370, height = three ? 226 : 214, hub = [width / 2, three ? 142 : 104], rim = three ? 122 : 82;
  const angle = (spoke) => (2 * Math.PI * spoke) / metrics.length;
  const at = (spoke, value, aside = 0) => [
    hub[0] + rim * (value * Math.sin(angle(spoke)) + aside * Math.cos(angle(spoke))),
    hub[1] - rim * (value * Math.cos(angle(spoke)) - aside * Math.sin(angle(spoke))),
  ];
  const title = { "aria-label": `Radar of ${metrics.map((key) => names[key].name).join(", ")}, ${look.protocols[protocol]}; outward is better; the table has the values` };
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, role: "img", ...title });
  web(drawing, metrics.map((key) => names[key].spoke), at);
  networks.forEach((network, place) => {
    const aside = beside * (place - (networks.length - 1) / 2), { color, mark: shape, name } = look.networks[network];
    const ours = metrics.map((metric) => data.score(network, protocol, metric));
    const printed = metrics.map((metric) => data.published(network, metric));
    ours.forEach(({ turned: [, low, high] }, spoke) => {
      if (low === null) return;
      const [[x1, y1], [x2, y2]] = [at(spoke, low, aside), at(spoke, high, aside)];
      drawing.append(svg("line", { x1, y1, x2, y2, stroke: color, "stroke-width": 1.2, class: "interval" }));
    });
    const kinds = [[ours.map(({ turned }) => turned[0]), "measured", {}], [printed.map(({ turned }) => turned), "published", { "stroke-dasharray": "1.5 3" }]];
    for (const [values, kind, dash] of kinds) {
      const corners = values.map((value, spoke) => (value === null ? null : at(spoke, value, aside)));
      if (corners.every(Boolean))
        drawing.append(svg("polygon", { points: corners.map((corner) => corner.map((c) => c.toFixed(2))).join(" "), fill: "none", stroke: color, "stroke-width": 1.5, ...dash, class: kind }));
      corners.forEach((corner, spoke) => {
        if (!corner) return;
        const words = kind === "measured" ? told(ours[spoke].value) : `published ${printed[spoke].value}`;
        const dress = kind === "measured" ? { fill: color } : { ...HOLLOW, stroke: color };
        drawing.append(named(`${name}, ${names[metrics[spoke]].name}: ${words}`, shape, ...corner, 4.2, { ...dress, class: kind }));
      });
    }
  });
  return drawing;
}

/** Rings and spokes with their names. */
function web(drawing, spokes, at) {
  const thin = { stroke: WEB, fill: "none" }, below = Math.floor(spokes.length / 2);
  for (const ring of [0.25, 0.5, 0.75, 1])
    drawing.append(svg("polygon", { points: spokes.map((_, spoke) => at(spoke, ring).map((c) => c.toFixed(2))).join(" "), ...thin }));
  for (const ring of [0.5, 1]) {
    const [[x1, y1], [x2, y2]] = [at(below, ring), at(below + 1, ring)];
    drawing.append(svg("text", { x: (x1 + x2) / 2, y: (y1 + y2) / 2 + 10, "text-anchor": "middle", class: "ring" }, ring));
  }
  spokes.forEach((name, spoke) => {
    const [[x1, y1], [x2, y2], [x, y]] = [at(spoke, 0), at(spoke, 1), at(spoke, 1.1)];
    drawing.append(svg("line", { x1, y1, x2, y2, ...thin }));
    const side = Math.abs(x - x1) < 12 || spokes.length === 3 ? "middle" : x > x1 ? "start" : "end";
    drawing.append(svg("text", { x, y: y + (y > y1 + 12 ? 10 : y < y1 - 12 ? -1 : 4), "text-anchor": side, "font-size": 11 }, name));
  });
}

/** Networks are columns; the rows of a metric are its protocols and the published value. */
function scoreTable({ data, look, names, state }) {
  const { networks, protocols, metrics } = state;
  const cell = ([value, low, high], digits) => element("td", {}, value === null ? "not defined" : shown(value, digits),
    low === null || low === undefined ? [] : [element("span", { class: "interval" }, "[", shown(low, 3), ", ", shown(high, 3), "]")]);
  const row = (name, cells) => element("tr", {}, element("th", { scope: "row" }, name), cells);
  const groups = metrics.map((metric) =>
    element("tbody", { "data-metric": metric },
      element("tr", {}, element("th", { scope: "rowgroup", colspan: networks.length + 1 }, names[metric].title)),
      protocols.map((protocol) => row(look.protocols[protocol], networks.map((network) => cell(data.score(network, protocol, metric).value, 3)))),
      row("published value", networks.map((network) => cell([data.published(network, metric).value], 4)))));
  const caption = "Value and 95 % interval";
  const head = ["source", ...networks.map((network) => element("span", {}, badge(look.networks[network]), look.networks[network].name))];
  return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    element("table", {}, element("caption", {}, caption),
      element("thead", {}, element("tr", {}, head.map((name) => element("th", { scope: "col" }, name)))), groups));
}

function render({ model, el }) {
  const look = model.get("look"), order = model.get("sets"), networks = model.get("networks"), protocols = model.get("protocols");
  const metrics = model.get("metrics"), keys = metrics.map(({ key }) => key);
  const names = Object.fromEntries(metrics.map((metric) => [metric.key, metric]));
  const sets = Object.fromEntries(order);
  const first = sets[model.get("start")];
  const state = { networks, protocols, metrics: first, x: first[0], y: first[1] };
  const view = { data: library(model), look, names, state, beside: model.get("beside") };
  const drawings = place({ class: "panels" }), said = place({ "aria-live": "polite", class: "note" }), results = place();

  const draw = () => {
    const panels = (drawn) => state.protocols.map((protocol) =>
      element("figure", {}, element("figcaption", {}, look.protocols[protocol]), drawn(view, protocol)));
    drawings.show(panels(scatter), state.metrics.length < 3 ? [] : panels(radar));
    const count = (list, one) => `${list.length} ${one}${list.length === 1 ? "" : "s"}`;
    said.show(`${count(state.networks, "network")}, ${count(state.protocols, "protocol")}, ${count(state.metrics, "metric")}.`,
      state.metrics.length < 3 ? " A radar needs three metrics." : "");
    results.show(state.metrics.length ? scoreTable(view) : []);
  };
  const sameSet = (one, other) => one.length === other.length && one.every((key) => other.includes(key));
  const pick = (chosen) => {
    state.metrics = keys.filter((key) => chosen.includes(key));
    for (const box of boxes.querySelectorAll("input")) box.checked = chosen.includes(box.value);
    for (const button of buttons) button.setAttribute("aria-pressed", sameSet(sets[button.value], state.metrics));
    draw();
  };
  const options = metrics.map(({ key, name }) => [key, name]);
  const boxes = ticks("Rows of the table, spokes of the radar", options, first, pick);
  const axis = (label, letter) => choice(label, options, state[letter], (key) => { state[letter] = key; draw(); });
  const axes = [axis("Scatter, to the right", "x"), axis("Scatter, upward", "y")];
  const pickSet = (chosen) => {
    [state.x, state.y] = chosen;
    axes.forEach((each, i) => { each.querySelector("select").value = chosen[i]; });
    pick(chosen);
  };
  const buttons = order.map(([name, chosen]) =>
    element("button", { type: "button", value: name, onclick: () => pickSet(chosen) }, name));
  const pickList = (name, all) => (chosen) => { state[name] = all.filter((each) => chosen.includes(each)); draw(); };
  el.append(
    element("section", { class: "explorer compare", "data-explorer": "compare", "aria-label": "Compare explorer" },
      element("div", { class: "controls" },
        ticks("Networks", networks.map((name) => [name, look.networks[name].name, badge(look.networks[name])]), networks, pickList("networks", networks)),
        ticks("Protocols", protocols.map((name) => [name, look.protocols[name]]), protocols, pickList("protocols", protocols)),
        element("div", { class: "field" }, element("span", { class: "legend", "aria-hidden": "true" }, "Metrics"),
          element("div", { class: "sets", role: "group", "aria-label": "Metrics" }, buttons))),
      element("details", {}, element("summary", {}, "Metrics one by one"), boxes),
      element("div", { class: "controls" }, axes),
      element("p", { class: "note" }, "Full marks: measured here, lines their 95 % intervals. Hollow marks: published. In a radar, outward is better."),
      drawings.box, said.box, results.box),
  );
  pickSet(first);
}

export default { render };
