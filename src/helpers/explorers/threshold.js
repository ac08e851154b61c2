// The threshold explorer; its arithmetic is that of evaluation/thresholds.py, operation by operation.

const ROWS = [
  ["hits", "malignant, called", 0],
  ["misses", "malignant, missed", 0],
  ["false_alarms", "false alarms", 0],
  ["rejections", "rightly let go", 0],
  ["sensitivity", "sensitivity", 3],
  ["specificity", "specificity", 3],
  ["ppv", "positive predictive value", 3],
  ["npv", "negative predictive value", 3],
  ["harm", "harm of 1,000 pictures", 1],
];

function decision({ malignant, ill }, { threshold, prevalence: p, miss_cost }) {
  let hits = 0, misses = 0, false_alarms = 0, rejections = 0;
  for (let i = 0; i < ill.length; i++) {
    const called = malignant[i] >= threshold;
    if (ill[i]) called ? hits++ : misses++;
    else called ? false_alarms++ : rejections++;
  }
  const ratio = (above, below) => (below > 0 ? above / below : NaN);
  const sensitivity = ratio(hits, hits + misses), specificity = ratio(rejections, rejections + false_alarms);
  const true_positive = p * sensitivity, false_positive = (1 - p) * (1 - specificity);
  const true_negative = (1 - p) * specificity, false_negative = p * (1 - sensitivity);
  return {
    hits, misses, false_alarms, rejections, sensitivity, specificity,
    ppv: ratio(true_positive, true_positive + false_positive),
    npv: ratio(true_negative, true_negative + false_negative),
    harm: 1000 * (false_negative * miss_cost + false_positive),
  };
}

/** Each test with its rows cut out of the bytes. */
function testsOf(model) {
  const malignant = numbers(model.get("malignant")), ill = numbers(model.get("ill"), Uint8Array);
  let start = 0;
  return model.get("tests").map((test) => {
    const rows = [start, (start += test.n)];
    return { ...test, malignant: malignant.subarray(...rows), ill: ill.subarray(...rows) };
  });
}

/** Sensitivity and specificity at each threshold, with the chosen one as a line. */
function curves(tests, setting, look) {
  const width = 640, height = 190, x = scaled([0, 1], [44, 300]), y = scaled([0, 1], [150, 16]);
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, role: "img",
    "aria-label": "Sensitivity, left, and specificity, right, of each network at every threshold" });
  ["sensitivity", "specificity"].forEach((rate, panel) => {
    const box = svg("g", { transform: `translate(${panel * 320} 0)` });
    for (const value of [0, 0.5, 1]) {
      box.append(svg("line", { x1: x(0), x2: x(1), y1: y(value), y2: y(value), stroke: "#e4e4e4" }));
      box.append(svg("text", { x: 38, y: y(value) + 4, "text-anchor": "end" }, value.toFixed(1)));
      box.append(svg("text", { x: x(value), y: 166, "text-anchor": "middle" }, value.toFixed(1)));
    }
    for (const test of tests) {
      const points = Array.from({ length: 101 }, (_, i) => {
        const at = decision(test, { ...setting, threshold: i / 100 })[rate];
        return `${x(i / 100).toFixed(1)},${y(Number.isFinite(at) ? at : 0).toFixed(1)}`;
      });
      const { color, mark: shape } = look.networks[test.network];
      box.append(svg("polyline", { points: points.join(" "), fill: "none", stroke: color, "stroke-width": 1.8 }));
      const now = decision(test, setting)[rate];
      if (Number.isFinite(now)) box.append(mark(shape, x(setting.threshold), y(now), 4.5, { fill: color }));
    }
    box.append(svg("line", { x1: x(setting.threshold), x2: x(setting.threshold), y1: y(0), y2: y(1), stroke: "#5f5f5f", "stroke-dasharray": "3 3" }));
    box.append(svg("text", { x: x(0.5), y: 184, "text-anchor": "middle" }, `threshold against ${rate}`));
    drawing.append(box);
  });
  return drawing;
}

function resultTable(tests, setting, look) {
  const results = tests.map((test) => decision(test, setting));
  const networks = tests.map(({ network }) => look.networks[network]);
  return table(
    "Counts are pictures of the test; predictive values and harm are those at the chosen prevalence.",
    ["", ...networks.map((network) => element("span", {}, badge(network), network.name))],
    ROWS.map(([key, name, digits]) => [name, ...results.map((result) => shown(result[key], digits))]),
  );
}

function render({ model, el }) {
  const look = model.get("look"), tests = testsOf(model), setting = { ...model.get("setting") };
  const protocols = [...new Set(tests.map((test) => test.protocol))];
  let protocol = protocols[0];
  const drawing = place(), results = place({ "aria-live": "polite" });
  const draw = () => {
    const chosen = tests.filter((test) => test.protocol === protocol);
    drawing.show(curves(chosen, setting, look));
    results.show(resultTable(chosen, setting, look));
  };
  const set = (name) => (value) => { setting[name] = value; draw(); };
  el.append(
    element("section", { class: "explorer", "data-explorer": "threshold", "aria-label": "Threshold explorer" },
      element("div", { class: "controls" },
        choice("Protocol", protocols.map((name) => [name, look.protocols[name]]), protocol, (value) => { protocol = value; draw(); }),
        slider("Call malignant from a probability of", { min: 0, max: 1, step: 0.01, value: setting.threshold, format: (v) => v.toFixed(2) }, set("threshold")),
        slider("Prevalence of cancer", { min: 0.001, max: 0.6, step: 0.001, value: setting.prevalence, format: (v) => (100 * v).toFixed(1) + " %" }, set("prevalence")),
        slider("A miss is as bad as so many false alarms", { min: 1, max: 200, step: 1, value: setting.miss_cost }, set("miss_cost"))),
      drawing.box, results.box),
  );
  draw();
}

export default { render };
