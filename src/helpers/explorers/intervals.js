// The intervals explorer: values with their intervals, one choice at a time. It computes no number.

const GRID = "#e4e4e4", WIDTH = 640, LEFT = 190, RIGHT = 624, TOP = 8, STEP = 26;

/** The table's numbers by the places of the chosen options: [{value, low, high, firm}, ...], one a row. */
function library(model) {
  const choices = model.get("choices"), rows = model.get("rows");
  const values = numbers(model.get("numbers"), Float64Array), firm = numbers(model.get("firm"), Uint8Array);
  const counts = numbers(model.get("counts"), Int32Array);
  const place = (chosen) => chosen.reduce((sum, at, i) => sum * choices[i].names.length + at, 0);
  return {
    count: (chosen) => counts[place(chosen)],
    rows: (chosen) => rows.map((_, row) => {
      const at = place(chosen) * rows.length + row, [value, low, high] = values.subarray(3 * at, 3 * at + 3);
      return { value, low, high, firm: firm[at] === 1 };
    }),
  };
}

/** All that the axis has to hold, so that it stays where it is while a slider moves. */
function extent(data, choices, chosen, reference) {
  const combinations = choices.reduce(
    (all, { slides, names }, i) => all.flatMap((head) => (slides ? names.map((_, at) => [...head, at]) : [[...head, chosen[i]]])), [[]]);
  const all = combinations.flatMap((each) => data.rows(each).flatMap(({ value, low, high }) => [value, low, high]));
  const finite = known([...all, reference]);
  return finite.length ? range(finite) : null;
}

function forest(data, model, chosen) {
  const rows = model.get("rows"), choices = model.get("choices"), reference = model.get("reference");
  const found = data.rows(chosen), span = extent(data, choices, chosen, reference), bottom = TOP + STEP * rows.length;
  const label = `${model.get("title")}; the table has the values`;
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${bottom + 42}`, width: WIDTH, role: "img", "aria-label": label });
  if (!span) return drawing;
  const x = scaled(span, [LEFT, RIGHT]);
  for (const at of roundNumbers(span)) {
    drawing.append(svg("line", { x1: x(at), x2: x(at), y1: TOP, y2: bottom, stroke: GRID }));
    drawing.append(svg("text", { x: x(at), y: bottom + 16, "text-anchor": "middle" }, at));
  }
  if (reference !== null)
    drawing.append(svg("line", { x1: x(reference), x2: x(reference), y1: TOP, y2: bottom, stroke: "#5f5f5f", "stroke-width": 1.4 }));
  rows.forEach(({ name, color, mark: shape }, row) => {
    const y = TOP + STEP * (row + 0.5), { value, low, high, firm } = found[row];
    drawing.append(svg("text", { x: LEFT - 12, y: y + 4, "text-anchor": "end" }, name));
    if (Number.isFinite(low)) drawing.append(svg("line", { x1: x(low), x2: x(high), y1: y, y2: y, stroke: color, "stroke-width": 1.6 }));
    if (Number.isFinite(value)) drawing.append(mark(shape, x(value), y, 5, { fill: firm ? color : "#ffffff", stroke: color, "stroke-width": 1.6 }));
  });
  const axis = choices[model.get("axis")].names[chosen[model.get("axis")]];
  drawing.append(svg("text", { x: RIGHT, y: bottom + 35, "text-anchor": "end" }, axis));
  return drawing;
}

function render({ model, el }) {
  const data = library(model), choices = model.get("choices"), chosen = choices.map(() => 0), title = model.get("title");
  const drawing = place(), said = place({ class: "note", "aria-live": "polite" }), results = place();
  const draw = () => {
    const count = data.count(chosen), rows = model.get("rows");
    drawing.show(forest(data, model, chosen));
    said.show(choices.map(({ names }, i) => names[chosen[i]]).join("; "), count < 0 ? "." : `: ${count} ${model.get("counted")}.`);
    results.show(table("Value and 95 % interval", ["", "value", "from", "to"],
      data.rows(chosen).map(({ value, low, high }, row) => [rows[row].name, shown(value), shown(low), shown(high)])));
  };
  const set = (i) => (at) => { chosen[i] = Number(at); draw(); };
  const control = ({ title, slides, names }, i) => slides
    ? slider(title, { min: 0, max: names.length - 1, step: 1, value: 0, format: (at) => names[at] }, set(i))
    : choice(title, names.map((name, at) => [at, name]), 0, set(i));
  el.append(
    element("section", { class: "explorer", "data-explorer": "intervals", "aria-label": title },
      element("div", { class: "controls" }, choices.map(control)), drawing.box, said.box, results.box),
  );
  draw();
}

export default { render };
