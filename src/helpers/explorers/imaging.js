// The imaging explorer: one picture at a time, one step at a time. What it says was written by Python.

/** Each picture as an address that an image can show; gives them back on `close`. */
function albumOf(model) {
  const bytes = numbers(model.get("pictures"), Uint8Array), bounds = model.get("bounds");
  const addresses = bounds.slice(1).map((end, i) =>
    URL.createObjectURL(new Blob([bytes.slice(bounds[i], end)], { type: "image/webp" })));
  return { addresses, exact: model.get("exact"), close: () => addresses.forEach((address) => URL.revokeObjectURL(address)) };
}

/** The picture with its outlines, all in its own pixels; pixel i spans i to i + 1. */
function stage(step, { addresses, exact }, outlined, color, words) {
  const { width, height, picture } = step;
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words });
  const image = svg("image", { width, height, href: addresses[picture], class: exact[picture] ? "exact" : null });
  drawing.append(image);
  const line = (tag, attributes, look) =>
    drawing.append(svg(tag, { ...attributes, class: "under" }), svg(tag, { ...attributes, ...look }));
  const corners = (points) => ({ points: points.map(([x, y]) => `${x + 0.5},${y + 0.5}`).join(" ") });
  for (const piece of step.breast ?? []) line("polygon", corners(piece), { stroke: "#ffffff", "stroke-width": 2, "data-outline": "breast" });
  if (step.box) {
    const [x, y, w, h] = step.box;
    line("rect", { x, y, width: w, height: h }, { stroke: "#ffffff", "stroke-width": 2, "stroke-dasharray": "6 4", "data-outline": "box" });
  }
  if (outlined && step.lesion) line("polygon", corners(step.lesion), { stroke: color, "stroke-width": 2.2, "data-outline": "lesion" });
  return drawing;
}

/** Gray levels as bars, those of the step before as a line. */
function levels(step, before) {
  const width = 260, height = 92, base = 72, wide = width / step.levels.length;
  // Bare film is one tall bar; it may rise beyond the drawing, or nothing else would be seen.
  const most = 1.1 * Math.max(...step.levels.slice(8), ...(before ? before.levels.slice(8) : []), 1e-6);
  const up = (share) => base * (1 - Math.min(1, share / most));
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, role: "img",
    "aria-label": "Gray levels of the picture, black left out; a line shows those of the step before" });
  step.levels.forEach((share, i) =>
    drawing.append(svg("rect", { x: i * wide, width: wide, y: up(share), height: base - up(share), fill: "#8a8a8a" })));
  const points = (before?.levels ?? []).map((share, i) => `${((i + 0.5) * wide).toFixed(1)},${up(share).toFixed(1)}`);
  if (points.length) drawing.append(svg("polyline", { points: points.join(" "), fill: "none", stroke: "#005f8f", "stroke-width": 1.4 }));
  drawing.append(svg("line", { x1: 0, x2: width, y1: base, y2: base, stroke: "#5f5f5f" }));
  drawing.append(svg("text", { x: 0, y: 88 }, "dark"), svg("text", { x: width, y: 88, "text-anchor": "end" }, "bright"));
  return drawing;
}

function render({ model, el }) {
  const cases = model.get("cases"), color = model.get("outline"), album = albumOf(model);
  const state = { place: 0, step: 0, outlined: true };
  const strip = place({ class: "steps", role: "group", "aria-label": "Steps" });
  const scene = place({ class: "stage" }), words = place({ "aria-live": "polite" }), histogram = place(), note = place({ class: "note" });

  const now = () => cases[state.place];
  const draw = () => {
    const { image_id, label, steps } = now(), step = steps[state.step], before = steps[state.step - 1];
    const buttons = [...strip.box.children];
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", i === state.step));
    scene.show(stage(step, album, state.outlined, color, `${step.title}: ${image_id}, ${label}`));
    words.show(
      element("h3", {}, `${state.step + 1} of ${steps.length}: ${step.title}`),
      element("p", {}, element("span", { class: "word" }, "Kept: "), step.kept),
      element("p", {}, element("span", { class: "word" }, "Lost: "), step.lost));
    histogram.show(levels(step, before),
      element("p", { class: "note" }, "Gray levels above black: mean ", shown(step.mean, 1), ", spread ", shown(step.spread, 1),
        before ? [". The step before, as a line: ", shown(before.mean, 1), " and ", shown(before.spread, 1)] : [], "."));
  };
  const go = (step) => {
    state.step = Math.max(0, Math.min(now().steps.length - 1, step));
    draw();
    strip.box.children[state.step].focus();
  };
  const thumbnail = ({ name, picture }, i) =>
    element("button", { type: "button", "aria-pressed": "false", onclick: () => { state.step = i; draw(); } },
      element("span", { class: "thumb" }, element("img", { src: album.addresses[picture], alt: "" })), `${i + 1} ${name}`);
  const open = (chosen) => {
    state.place = Number(chosen);
    strip.show(now().steps.map(thumbnail));
    note.show(now().note);
    box.disabled = !now().steps[0].lesion;
    draw();
  };
  const keys = { ArrowLeft: () => state.step - 1, ArrowRight: () => state.step + 1, Home: () => 0, End: () => now().steps.length - 1 };
  strip.box.addEventListener("keydown", (event) => {
    if (!keys[event.key]) return;
    event.preventDefault();
    go(keys[event.key]());
  });
  const outline = ticks("Show", [["lesion", "outline of the lesion"]], ["lesion"], (chosen) => { state.outlined = chosen.length > 0; draw(); });
  const box = outline.querySelector("input");
  el.append(
    element("section", { class: "explorer imaging", "data-explorer": "imaging", "aria-label": "Imaging explorer" },
      element("div", { class: "controls" },
        choice("Picture", cases.map(({ label, image_id }, i) => [String(i), `${label}: ${image_id}`]), "0", open), outline),
      strip.box,
      element("div", { class: "shown" }, scene.box, element("div", { class: "words" }, words.box, histogram.box, note.box)),
      element("p", { class: "note" }, "In the row of steps, the left and right arrow keys go back and on.")),
  );
  open(0);
  return album.close;
}

export default { render };
