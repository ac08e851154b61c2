// The separation explorer: each picture where its network puts it, and what separation gains. It computes no number.

const SIDE = 300, DEEP = 118, INSET = 76, RIGHT = 290, GROUND = "#e4e4e4";

/** The bytes as lists, cut where a reader's choices cut them. */
function library(model) {
  const [view, label, flag] = ["view", "label", "flag"].map((name) => numbers(model.get(name), Uint8Array));
  const without = numbers(model.get("without")), separated = numbers(model.get("separated"));
  const scores = numbers(model.get("numbers"), Float64Array);
  const count = view.length, levels = model.get("levels").length, rows = model.get("rows").length, metrics = model.get("metrics").length;
  return {
    view, label,
    flags: (level) => flag.subarray(level * count, (level + 1) * count),
    said: ({ network, level, on }) => {
      const start = on ? (network * levels + level) * count : network * count;
      return (on ? separated : without).subarray(start, start + count);
    },
    scores: ({ network, level, metric }) => Array.from({ length: rows }, (_, row) => {
      const start = 3 * (((network * levels + level) * metrics + metric) * rows + row);
      const [value, low, high] = scores.subarray(start, start + 3);
      return { value, low, high };
    }),
    everyLevel: () => Array.from({ length: levels }, (_, level) => level),
  };
}

/** A picture's place across its row: spread evenly, and the same whatever is chosen. */
const spread = (i) => ((i * 0.618034) % 1) - 0.5;

/** One view: benign and malignant pictures, from surely benign at the left to surely malignant at the right. */
function panel(data, model, state, at) {
  const name = model.get("views")[at], classes = model.get("classes"), look = model.get("look").classes;
  const said = data.said(state), flags = data.flags(state.level), x = scaled([0, 1], [INSET, RIGHT]);
  const own = [...data.view.keys()].filter((i) => data.view[i] === at);
  const drawing = svg("svg", { viewBox: `0 0 ${SIDE} ${DEEP}`, width: SIDE, role: "img",
    "aria-label": `${name}: the malignant probability of ${own.length} pictures, full where a mask exists` });
  drawing.append(svg("text", { x: 0, y: 12, "font-weight": 700 }, `${name}, ${own.length} pictures`));
  for (const value of [0, 0.5, 1]) {
    drawing.append(svg("line", { x1: x(value), x2: x(value), y1: 20, y2: 98, stroke: value === 0.5 ? "#5f5f5f" : GROUND, "stroke-dasharray": value === 0.5 ? "4 3" : null }));
    drawing.append(svg("text", { x: x(value), y: 112, "text-anchor": "middle" }, value));
  }
  classes.forEach((label, row) => drawing.append(svg("text", { x: INSET - 8, y: 44 + 38 * row, "text-anchor": "end" }, label)));
  for (const i of own) {
    const { color, mark: shape } = look[classes[data.label[i]]];
    const y = 40 + 38 * data.label[i] + 24 * spread(i);
    drawing.append(mark(shape, x(said[i]), y, 3, { fill: flags[i] ? color : "#ffffff", "fill-opacity": 0.75, stroke: color, "stroke-width": 1 }));
  }
  return drawing;
}

/** The differences with their intervals, on an axis that stays while the flag melts. */
function forest(data, model, state) {
  const rows = model.get("rows").slice(3), found = data.scores(state).slice(3);
  const every = data.everyLevel().flatMap((level) => data.scores({ ...state, level }).slice(3));
  const finite = known([0, ...every.flatMap(({ value, low, high }) => [value, low, high])]);
  const span = range(finite), x = scaled(span, [190, 624]), bottom = 8 + 26 * rows.length;
  const drawing = svg("svg", { viewBox: `0 0 640 ${bottom + 40}`, width: 640, role: "img",
    "aria-label": "What separation gains, what the bit alone gains, and what is left; the table has the values" });
  for (const at of roundNumbers(span)) {
    drawing.append(svg("line", { x1: x(at), x2: x(at), y1: 8, y2: bottom, stroke: GROUND }));
    drawing.append(svg("text", { x: x(at), y: bottom + 16, "text-anchor": "middle" }, at));
  }
  drawing.append(svg("line", { x1: x(0), x2: x(0), y1: 8, y2: bottom, stroke: "#5f5f5f", "stroke-width": 1.4 }));
  rows.forEach(({ name, color, mark: shape }, row) => {
    const y = 21 + 26 * row, { value, low, high } = found[row];
    drawing.append(svg("text", { x: 178, y: y + 4, "text-anchor": "end" }, name));
    if (Number.isFinite(low)) drawing.append(svg("line", { x1: x(low), x2: x(high), y1: y, y2: y, stroke: color, "stroke-width": 1.6 }));
    if (Number.isFinite(value)) drawing.append(mark(shape, x(value), y, 5, { fill: color }));
  });
  drawing.append(svg("text", { x: 624, y: bottom + 34, "text-anchor": "end" }, `difference in the ${model.get("metrics")[state.metric]}`));
  return drawing;
}

function render({ model, el }) {
  const data = library(model), levels = model.get("levels"), last = levels.length - 1;
  const state = { network: 0, level: 0, metric: 0, on: true };
  const panels = place({ class: "side" }), gains = place(), said = place({ class: "note", "aria-live": "polite" }), results = place();
  const percent = (share) => `${(100 * (share ?? 0)).toFixed(0)} %`;
  const draw = () => {
    const { malignant, benign } = levels[state.level];
    panels.show(model.get("views").map((_, at) => panel(data, model, state, at)));
    gains.show(forest(data, model, state));
    said.show(`A full mark has a mask: ${percent(malignant)} of the malignant pictures here, ${percent(benign)} of the benign ones. Right of the dashed line a picture is called malignant.`);
    results.show(table(`${model.get("metrics")[state.metric]}, with its 95 % interval`, ["", "value", "from", "to"],
      data.scores(state).map(({ value, low, high }, row) => [model.get("rows")[row].name, shown(value), shown(low), shown(high)])));
  };
  const set = (key) => (value) => { state[key] = Number(value); draw(); };
  const named = (names) => names.map((name, at) => [at, name]);
  const format = (at) => (at === 0 ? "as VinDr's" : at === last ? "tells nothing" : `${Math.round((100 * at) / last)} % melted`);
  el.append(
    element("section", { class: "explorer separation", "data-explorer": "separation", "aria-label": "Separation explorer" },
      element("div", { class: "controls" },
        choice("Network", named(model.get("networks")), 0, set("network")),
        choice("Pictures with and without a mask", [[1, "trained apart"], [0, "trained together"]], 1, set("on")),
        choice("Metric", named(model.get("metrics")), 0, set("metric")),
        slider("The flag", { min: 0, max: last, step: 1, value: 0, format }, set("level"))),
      panels.box, said.box, gains.box, results.box),
  );
  draw();
}

export default { render };
