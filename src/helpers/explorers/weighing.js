// The weighing explorer; its arithmetic is that of evaluation/choice.py.

const CLOSE = 1e-12;

/** What each network is worth, and the share of draws in which it is the best one; equals share a win. */
function weighed({ worths, drawn, places, networks, criteria }, weights) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) return networks.map(() => ({ worth: NaN, wins: NaN }));
  const shares = weights.map((weight) => weight / total), changing = places.map((c) => shares[c]);
  const fixed = shares.map((share, c) => (places.includes(c) ? 0 : share));
  const sum = (some, values, start) => some.reduce((all, share, i) => all + share * values[start + i], 0);
  const costs = networks.map((_, n) => sum(fixed, worths, n * criteria));
  const wins = networks.map(() => 0), step = networks.length * places.length;
  let counted = 0;
  for (let start = 0; start < drawn.length; start += step) {
    const worth = costs.map((cost, n) => cost + sum(changing, drawn, start + n * places.length)), best = Math.max(...worth);
    if (!Number.isFinite(best)) continue;
    counted++;
    const first = worth.map((value) => Math.abs(value - best) <= CLOSE), ties = first.filter(Boolean).length;
    first.forEach((one, n) => { if (one) wins[n] += 1 / ties; });
  }
  return networks.map((_, n) => ({ worth: sum(shares, worths, n * criteria), wins: counted ? wins[n] / counted : NaN }));
}

/** Each protocol's numbers cut out of the bytes. */
function protocolsOf(model) {
  const networks = model.get("networks"), criteria = model.get("criteria").length, protocols = model.get("protocols");
  const worths = numbers(model.get("worths"), Float64Array), drawn = numbers(model.get("drawn"), Float64Array);
  const part = (values, i) => values.subarray((i * values.length) / protocols.length, ((i + 1) * values.length) / protocols.length);
  return new Map(protocols.map((name, i) => [name, { networks, criteria, places: model.get("places"), worths: part(worths, i), drawn: part(drawn, i) }]));
}

/** One bar a network, as long as its worth, made of what each criterion gives. */
function bars(view, weights, criteria, look) {
  const { networks, worths } = view, total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  const x = scaled([0, 1], [120, 620]), step = 34, bottom = 8 + step * networks.length;
  const drawing = svg("svg", { viewBox: `0 0 640 ${bottom + 38}`, width: 640, role: "img",
    "aria-label": "What each network is worth, made of what each criterion gives; the table has the values" });
  for (const value of [0, 0.25, 0.5, 0.75, 1]) {
    drawing.append(svg("line", { x1: x(value), x2: x(value), y1: 8, y2: bottom, stroke: "#e4e4e4" }));
    drawing.append(svg("text", { x: x(value), y: bottom + 16, "text-anchor": "middle" }, value));
  }
  networks.forEach((network, n) => {
    const { color, mark: shape, name } = look.networks[network], y = 8 + step * n + 6;
    drawing.append(mark(shape, 14, y + 11, 5, { fill: color }), svg("text", { x: 26, y: y + 15 }, name));
    let start = 0;
    weights.forEach((weight, c) => {
      const length = (weight / total) * worths[n * view.criteria + c];
      if (!(length > 0)) return;
      const part = svg("rect", { x: x(start), y, width: x(length) - x(0), height: 22, fill: color, stroke: "#ffffff", "stroke-width": 1.5 });
      part.append(svg("title", {}, `${criteria[c].title}: ${length.toFixed(3)}`));
      drawing.append(part);
      start += length;
    });
  });
  drawing.append(svg("text", { x: 620, y: bottom + 33, "text-anchor": "end" }, "worth, from worst to best; a piece is a criterion"));
  return drawing;
}

function render({ model, el }) {
  const look = model.get("look"), criteria = model.get("criteria"), scenarios = model.get("scenarios"), all = protocolsOf(model);
  const weights = criteria.map(() => 0);
  let protocol = [...all.keys()][0];
  const drawing = place(), said = place({ class: "note", "aria-live": "polite" }), results = place();
  const draw = () => {
    const view = all.get(protocol), found = weighed(view, weights), total = weights.reduce((sum, weight) => sum + weight, 0);
    const same = scenarios.find((each) => each.weights.every((weight, c) => Math.abs(weight - weights[c] / total) < 1e-9));
    for (const button of buttons) button.setAttribute("aria-pressed", button.value === same?.name);
    drawing.show(total > 0 ? bars(view, weights, criteria, look) : []);
    said.show(same ? same.reason : total > 0 ? "Your own weights." : "Give at least one criterion a weight.");
    results.show(table("Worth, and the share of draws of patients in which a network is the best", ["", "worth", "best in"],
      view.networks.map((network, n) => [look.networks[network].name, shown(found[n].worth), shown(100 * found[n].wins, 1, " %")])));
  };
  const format = (value) => (value ? `${value} %` : "nothing");
  const sliders = criteria.map(({ title }, c) =>
    slider(title, { min: 0, max: 100, step: 1, value: 0, format }, (value) => { weights[c] = value / 100; draw(); }));
  const pick = (scenario) => {
    scenario.weights.forEach((weight, c) => {
      const input = sliders[c].querySelector("input");
      weights[c] = weight;
      input.value = Math.round(100 * weight);
      sliders[c].querySelector("output").textContent = format(Math.round(100 * weight));
      input.setAttribute("aria-valuetext", format(Math.round(100 * weight)));
    });
    draw();
  };
  const buttons = scenarios.map((each) => element("button", { type: "button", value: each.name, onclick: () => pick(each) }, each.name));
  el.append(
    element("section", { class: "explorer weighing", "data-explorer": "weighing", "aria-label": "Weighing explorer" },
      element("div", { class: "controls" },
        choice("Protocol", [...all.keys()].map((name) => [name, look.protocols[name]]), protocol, (value) => { protocol = value; draw(); }),
        element("div", { class: "tasks", role: "group", "aria-label": "Weights of a task" }, buttons)),
      element("div", { class: "weights" }, sliders), drawing.box, said.box, results.box),
  );
  pick(scenarios[0]);
}

export default { render };
