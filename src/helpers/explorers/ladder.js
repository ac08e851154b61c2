// The ladder explorer: rungs that one climbs, the threshold of each fold, the worst misses. It computes no number.

const WIDTH = 640, LEFT = 170, RIGHT = 618, STEP = 34, TOP = 6, GRID = "#e4e4e4", MUTED = "#5f5f5f";

/** The packed numbers by their places. */
function library(model) {
  const sizes = ["networks", "rungs", "sides", "units", "metrics"].map((name) => model.get(name).length);
  const scores = numbers(model.get("scores"), Float64Array), gains = numbers(model.get("gains"), Float64Array);
  const curves = numbers(model.get("curves")), chosen = numbers(model.get("chosen"), Float64Array), folds = model.get("folds");
  const at = (places) => 3 * places.reduce((sum, place, i) => sum * sizes[i] + place, 0);
  const triple = (values, places) => { const [value, low, high] = values.subarray(at(places), at(places) + 3); return { value, low, high }; };
  return {
    folds,
    score: (...places) => triple(scores, places),
    gain: (...places) => triple(gains, places),
    curve: (network, rung, fold, side) => { const start = 101 * (2 * (folds * (sizes[1] * network + rung) + fold) + side); return curves.subarray(start, start + 101); },
    chosen: (network, rung, fold) => chosen[folds * (sizes[1] * network + rung) + fold],
  };
}

/** The ladder: each rung's value and interval, the ground at the bottom; `climb(rung)` is called when one is stepped on. */
function drawn(data, model, state, climb) {
  const rungs = model.get("rungs"), look = model.get("networks")[state.network], bottom = TOP + STEP * rungs.length;
  const found = rungs.map((_, rung) => data.score(state.network, rung, state.side, state.unit, state.metric));
  const span = range(known(found.flatMap(({ value, low, high }) => [value, low, high]))), x = scaled(span, [LEFT + 10, RIGHT]);
  const y = (rung) => bottom - STEP * (rung + 0.5);
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${bottom + 40}`, width: WIDTH, role: "radiogroup",
    "aria-label": `${model.get("metrics")[state.metric]} of each rung, the ground at the bottom` });
  for (const at of roundNumbers(span)) {
    drawing.append(svg("line", { x1: x(at), x2: x(at), y1: TOP, y2: bottom, stroke: GRID }));
    drawing.append(svg("text", { x: x(at), y: bottom + 16, "text-anchor": "middle" }, at));
  }
  rungs.forEach((name, rung) => {
    const { value, low, high } = found[rung], reached = rung <= state.rung, color = reached ? look.color : "#8a8a8a";
    const step = svg("g", { class: "rung", role: "radio", tabindex: rung === state.rung ? 0 : -1, "aria-checked": String(rung === state.rung),
      "aria-label": `${name}: ${Number.isFinite(value) ? value.toFixed(3) : "not defined"}`, onclick: () => climb(rung),
      onkeydown: (event) => {
        const way = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, Home: -rungs.length, End: rungs.length }[event.key];
        if (!way) return;
        event.preventDefault();
        climb(Math.min(Math.max(state.rung + way, 0), rungs.length - 1), true);
      } });
    step.append(svg("rect", { class: "step", x: 1, y: y(rung) - STEP / 2 + 2, width: WIDTH - 2, height: STEP - 4, rx: 4, fill: "transparent" }));
    step.append(svg("text", { x: LEFT - 4, y: y(rung) + 4, "text-anchor": "end", "font-weight": rung === state.rung ? 600 : 400 }, name));
    if (Number.isFinite(low)) step.append(svg("line", { x1: x(low), x2: x(high), y1: y(rung), y2: y(rung), stroke: color, "stroke-width": 1.8 }));
    if (Number.isFinite(value)) step.append(mark(look.mark, x(value), y(rung), 5.5, { fill: reached ? color : "#ffffff", stroke: color, "stroke-width": 1.6 }));
    drawing.append(step);
  });
  drawing.append(svg("text", { x: RIGHT, y: bottom + 34, "text-anchor": "end" }, model.get("metrics")[state.metric]));
  return drawing;
}

/** F1 against the threshold, a line a fold. */
function curves(data, model, state, side, title) {
  const look = model.get("networks")[state.network], x = scaled([0, 1], [40, 290]), box = 150;
  const lines = Array.from({ length: data.folds }, (_, fold) => data.curve(state.network, state.rung, fold, side));
  const values = known(lines.flatMap((line) => [...line])), top = values.length ? Math.max(0.05, ...values) : 1, y = scaled([0, top], [box, 22]);
  const drawing = svg("svg", { viewBox: "0 0 300 190", width: 300, role: "img", "aria-label": `${title}; the table has the thresholds` });
  drawing.append(svg("text", { x: 40, y: 13, "font-weight": 600 }, title));
  for (const at of [0, top / 2, top]) {
    drawing.append(svg("line", { x1: x(0), x2: x(1), y1: y(at), y2: y(at), stroke: GRID }));
    drawing.append(svg("text", { x: 36, y: y(at) + 4, "text-anchor": "end" }, at.toFixed(2)));
  }
  for (const at of [0, 0.5, 1]) drawing.append(svg("text", { x: x(at), y: box + 16, "text-anchor": "middle" }, at));
  lines.forEach((line, fold) => {
    if (!Number.isFinite(line[0])) return;
    const points = Array.from(line, (value, i) => `${x(i / 100).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    const at = data.chosen(state.network, state.rung, fold);
    drawing.append(svg("polyline", { points, fill: "none", stroke: look.color, "stroke-width": 1.3, "stroke-opacity": 0.7 }));
    drawing.append(mark(look.mark, x(at), y(line[Math.round(100 * at)]), 4.5, { fill: look.color }));
  });
  drawing.append(svg("text", { x: 165, y: 184, "text-anchor": "middle" }, "threshold"));
  return drawing;
}

function folds(data, state) {
  const places = Array.from({ length: data.folds }, (_, fold) => fold);
  if (!places.some((fold) => Number.isFinite(data.chosen(state.network, state.rung, fold))))
    return element("p", { class: "note" }, "This rung says the same of every picture; no threshold changes what it calls.");
  return table("Threshold of each fold, and its F1", ["fold", "threshold", "where it was chosen", "held out"], places.map((fold) => {
    const at = data.chosen(state.network, state.rung, fold), i = Math.round(100 * at);
    return [String(fold + 1), shown(at, 2), ...[0, 1].map((side) => shown(data.curve(state.network, state.rung, fold, side)[i]))];
  }));
}

function render({ model, el }) {
  const data = library(model), rungs = model.get("rungs"), misses = model.get("misses");
  const state = { network: 0, metric: 0, side: 0, unit: 0, rung: rungs.length - 1, miss: 0 };
  const chart = place(), said = place({ class: "note", "aria-live": "polite" }), panels = place({ class: "panels" }), missed = place(), about = place({ "aria-live": "polite" });
  const draw = (focus) => {
    const places = [state.network, state.rung, state.side, state.unit, state.metric], reached = data.score(...places), added = data.gain(...places);
    chart.show(drawn(data, model, state, (rung, focused) => { state.rung = rung; draw(focused); }));
    if (focus) chart.box.querySelector('[aria-checked="true"]').focus();
    const numbersOf = ({ value, low, high }) => [shown(value), " [", shown(low), ", ", shown(high), "]"];
    said.show(`${rungs[state.rung]}: `, ...numbersOf(reached),
      ...(Number.isFinite(added.value) ? [`; added to "${rungs[state.rung - 1]}": `, ...numbersOf(added)] : []), ".");
    panels.show(curves(data, model, state, 0, "F1 on the fold that chooses"), curves(data, model, state, 1, "F1 on the fold held out"), folds(data, state));
  };
  const tell = () => {
    const each = misses[state.network][state.miss];
    for (const button of missed.box.querySelectorAll("button")) button.setAttribute("aria-pressed", String(Number(button.value) === state.miss));
    about.show(each ? [element("p", {}, `${each.title}. ${each.said}`), each.rows.length
      ? table("What the heads of the auxiliary rung say of it", ["target", "table", "head", "sure"], each.rows)
      : element("p", { class: "note" }, "No auxiliary heads were trained on this ladder.")] : [element("p", { class: "note" }, "This network misses no cancer.")]);
  };
  const look = async () => {
    state.miss = 0;
    const before = misses.slice(0, state.network).reduce((sum, each) => sum + each.length, 0), { side } = model.get("cut");
    const canvases = misses[state.network].map(() => element("canvas", { width: side, height: side }));
    missed.show(element("div", { class: "misses", role: "group", "aria-label": "The worst misses, the worst first" }, canvases.map((canvas, i) =>
      element("button", { type: "button", value: i, "aria-label": `Miss ${i + 1}`, onclick: () => { state.miss = i; tell(); } }, canvas))));
    tell();
    const tile = await tiles(model.get("sheet"), model.get("cut"));
    canvases.forEach((canvas, i) => tile(canvas.getContext("2d"), before + i, 0, 0));
  };
  const set = (name) => (value) => { state[name] = Number(value); draw(); };
  const named = (names) => names.map((name, i) => [i, name]);
  el.append(
    element("section", { class: "explorer ladder", "data-explorer": "ladder", "aria-label": "Ladder explorer" },
      element("div", { class: "controls" },
        choice("Network", named(model.get("networks").map(({ name }) => name)), 0, (value) => { state.network = Number(value); draw(); look(); }),
        choice("Metric", named(model.get("metrics")), 0, set("metric")),
        choice("Tested", named(model.get("sides")), 0, set("side")),
        choice("Counted", named(model.get("units")), 0, set("unit"))),
      element("p", { class: "note" }, "Step on a rung, or climb with the arrow keys."), chart.box, said.box, element("h4", {}, "The threshold, fold by fold"), panels.box,
      element("h4", {}, "The worst misses of the topmost rung, out of fold"), missed.box, about.box),
  );
  draw();
  look();
}

export default { render };
