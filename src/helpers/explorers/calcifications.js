// The calcifications explorer: it looks thresholds up and draws; hits, sensitivities and outlines come from Python.

const LAYERS = ["picture", "truth", "outline"], RADIUS = 24, FARTHEST = 24;
const CURVE = { width: 320, height: 230, left: 46, right: 310, top: 10, bottom: 186 };

/** Candidates of a film: [{x, y, score, hit}, ...], the highest first. */
function candidatesOf(model) {
  const all = numbers(model.get("candidates"), Float64Array);
  return ({ first, count }) => Array.from({ length: count }, (_, i) => {
    const [x, y, score, hit] = all.subarray(4 * (first + i), 4 * (first + i + 1));
    return { x, y, score, hit: hit === 1 };
  });
}

/** The curve's steps: [{threshold, alarms, sensitivity}, ...]. */
function stepsOf(model) {
  const all = numbers(model.get("steps"), Float64Array);
  return Array.from({ length: all.length / 3 }, (_, i) => {
    const [threshold, alarms, sensitivity] = all.subarray(3 * i, 3 * i + 3);
    return { threshold, alarms, sensitivity };
  });
}

/** The bytes of a film's layer. */
function bytesOf(model, film, layer) {
  const ends = model.get("ends"), view = model.get("pictures"), at = LAYERS.length * film + LAYERS.indexOf(layer);
  return new Uint8Array(view.buffer, view.byteOffset + (at ? ends[at - 1] : 0), ends[at] - (at ? ends[at - 1] : 0));
}

/** The FROC curve, with a point where the threshold stands; a click moves it. */
function curve(steps, at, onPick) {
  const { width, height, left, right, top, bottom } = CURVE, most = Math.max(steps.at(-1).alarms, 1e-9);
  const x = scaled([0, most], [left, right]), y = scaled([0, 1], [bottom, top]);
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, role: "img",
    "aria-label": "FROC curve: clusters found against false positives a picture; the table has the values",
    onclick: (event) => {
      const box = drawing.getBoundingClientRect(), place = ((event.clientX - box.left) / box.width) * width;
      onPick(steps.reduce((best, step, i) => (Math.abs(x(step.alarms) - place) < Math.abs(x(steps[best].alarms) - place) ? i : best), 0));
    } });
  for (const tick of ["0.0", "0.5", "1.0"]) {
    drawing.append(svg("line", { x1: left, x2: right, y1: y(tick), y2: y(tick), stroke: "#e4e4e4" }));
    drawing.append(svg("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, tick));
  }
  for (const tick of roundNumbers([0, most])) drawing.append(svg("text", { x: x(tick), y: bottom + 16, "text-anchor": "middle" }, tick));
  const path = steps.map(({ alarms, sensitivity }, i) => `${i ? `H${x(alarms)}V` : `M${x(0)} ${y(0)}H${x(alarms)}V`}${y(sensitivity)}`).join("");
  drawing.append(svg("path", { d: path, fill: "none", stroke: "#005f8f", "stroke-width": 1.8 }));
  drawing.append(svg("circle", { class: "here", cx: x(steps[at].alarms), cy: y(steps[at].sensitivity), r: 6, fill: "#005f8f", stroke: "#ffffff", "stroke-width": 2 }));
  drawing.append(svg("text", { x: right, y: height - 8, "text-anchor": "end" }, "false positives a picture"));
  return drawing;
}

/** A candidate's ring; a hit is round and a false positive square once the truth is shown. */
function ring({ x, y, hit }, truth, [blue, amber]) {
  const shape = truth && !hit ? ["rect", { x: x - RADIUS, y: y - RADIUS, width: 2 * RADIUS, height: 2 * RADIUS }] : ["circle", { cx: x, cy: y, r: RADIUS }];
  const line = (stroke, width) => svg(shape[0], { ...shape[1], fill: "none", stroke, "stroke-width": width, "vector-effect": "non-scaling-stroke" });
  return svg("g", { class: "candidate" }, line("#222222", 4), line(truth && hit ? blue : amber, 2));
}

function render({ model, el }) {
  const films = model.get("films"), steps = stepsOf(model), candidates = candidatesOf(model), colors = model.get("colors");
  const [tested, clusters] = model.get("tested");
  const view = { film: 0, at: model.get("start"), truth: false, outline: false, zoom: 1, x: 0, y: 0 };
  const layers = Object.fromEntries(LAYERS.map((name) => [name, element("canvas", { role: "img" })]));
  const rings = svg("svg", { "aria-hidden": "true" });
  const sheet = element("div", { class: "sheet" }, Object.values(layers), rings);
  const glass = element("div", { class: "glass", tabindex: 0, role: "group", "aria-label": "The film; plus and minus zoom, arrow keys move" }, sheet);
  const drawing = place(), facts = place({ "aria-live": "polite" });
  const film = () => films[view.film];
  /** Pixels of the page that a pixel of the film takes at zoom 1: the whole film fits. */
  const fit = () => Math.min(glass.clientWidth / film().width, glass.clientHeight / film().height) || 1;

  function frame() {
    const scale = fit() * view.zoom, wide = glass.clientWidth / scale, high = glass.clientHeight / scale;
    const within = (value, room, whole) => (room >= whole ? (whole - room) / 2 : Math.min(Math.max(value, 0), whole - room));
    view.x = within(view.x, wide, film().width);
    view.y = within(view.y, high, film().height);
    sheet.style.transform = `scale(${scale}) translate(${-view.x}px, ${-view.y}px)`;
  }
  function zoomTo(zoom, cx, cy) {
    const room = (by) => [glass.clientWidth / (fit() * by), glass.clientHeight / (fit() * by)];
    const [wide, high] = room(view.zoom);
    const [x, y] = [cx ?? view.x + wide / 2, cy ?? view.y + high / 2];
    view.zoom = Math.min(Math.max(zoom, 1), FARTHEST);
    const [w, h] = room(view.zoom);
    view.x = x - w / 2;
    view.y = y - h / 2;
    frame();
  }
  /** The zoom's slider is the one place that holds the zoom; all ways lead through it. */
  function setZoom(zoom, cx, cy) {
    const input = magnifier.querySelector("input");
    input.value = zoom;
    view.aim = [cx, cy];
    input.dispatchEvent(new Event("input"));
  }
  async function load() {
    const wanted = view.film, { id, width, height } = film();
    for (const canvas of Object.values(layers)) Object.assign(canvas, { width, height });
    Object.assign(rings.style, { width: `${width}px`, height: `${height}px` });
    rings.setAttribute("viewBox", `0 0 ${width} ${height}`);
    layers.picture.setAttribute("aria-label", `Film ${id}`);
    layers.truth.setAttribute("aria-label", "Calcifications, outlined");
    layers.outline.setAttribute("aria-label", "The Segmentator's outline");
    for (const name of LAYERS) {
      const image = await createImageBitmap(new Blob([bytesOf(model, wanted, name)]));
      if (wanted !== view.film) return;
      layers[name].getContext("2d").drawImage(image, 0, 0);
    }
    glass.dataset.loaded = id;
  }
  function draw() {
    const step = steps[view.at], called = candidates(film()).filter(({ score }) => score >= step.threshold);
    const hits = called.filter(({ hit }) => hit).length;
    layers.truth.hidden = !view.truth;
    layers.outline.hidden = !view.outline;
    rings.replaceChildren(...called.map((one) => ring(one, view.truth, colors)));
    drawing.show(curve(steps, view.at, pick));
    facts.show(
      table(`All ${tested} films of the test, ${clusters} clusters`, ["", "value"], [
        ["threshold", shown(step.threshold)], ["clusters found", shown(100 * step.sensitivity, 1, " %")],
        ["false positives a picture", shown(step.alarms, 2)]]),
      table(`Film ${film().id}`, ["", "value"], [
        ["places named", shown(called.length, 0)],
        ["in its cluster", view.truth ? shown(hits, 0) : "truth is off"],
        ["false", view.truth ? shown(called.length - hits, 0) : "truth is off"]]),
      element("p", { class: "note" }, !view.truth ? "Turn the truth on to see which places are right."
        : film().cluster ? "Round and blue: in the cluster. Square and amber: false." : "This film has no cluster: all that is named is false."));
  }
  function pick(at) {
    const input = threshold.querySelector("input");
    input.value = at;
    input.dispatchEvent(new Event("input"));
  }
  function toStrongest() {
    const [first] = candidates(film());
    if (first) setZoom(6, first.x, first.y);
  }

  const threshold = slider("Threshold, from strict to lax",
    { min: 0, max: steps.length - 1, step: 1, value: view.at, format: (at) => steps[at].threshold.toFixed(3) },
    (at) => { view.at = at; draw(); });
  const magnifier = slider("Zoom", { min: 1, max: FARTHEST, step: 0.5, value: 1, format: (zoom) => `${zoom} ×` },
    (zoom) => { zoomTo(zoom, ...(view.aim ?? [])); view.aim = null; });
  const names = films.map(({ id, cluster }, i) => [i, `${id}${cluster ? "" : ", no cluster"}`]);
  glass.addEventListener("keydown", (event) => {
    const step = 60 / (fit() * view.zoom), ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (ways[event.key]) { view.x += ways[event.key][0]; view.y += ways[event.key][1]; frame(); }
    else if (event.key === "+" || event.key === "=") setZoom(view.zoom + 1);
    else if (event.key === "-") setZoom(view.zoom - 1);
    else return;
    event.preventDefault();
  });
  draggable(glass, (x, y) => {
    view.x -= (x * glass.clientWidth) / (fit() * view.zoom);
    view.y -= (y * glass.clientHeight) / (fit() * view.zoom);
    frame();
  });
  new ResizeObserver(frame).observe(glass);

  el.append(
    element("section", { class: "explorer calcifications", "data-explorer": "calcifications", "aria-label": "Calcifications explorer" },
      element("div", { class: "controls" },
        choice("Film", names, 0, (value) => { view.film = Number(value); setZoom(1); load(); draw(); }),
        threshold, magnifier,
        ticks("Show", [["truth", "truth", colors[0]], ["outline", "the Segmentator's outline", colors[1]]], [], (ticked) => {
          view.truth = ticked.includes("truth");
          view.outline = ticked.includes("outline");
          draw();
        }),
        element("button", { type: "button", onclick: toStrongest }, "To the strongest place")),
      element("div", { class: "side" }, element("div", { class: "film" }, glass), element("div", { class: "facts" }, drawing.box, facts.box)),
      element("p", { class: "note" }, "Drag the film to move it. Each ring is a place that the Detector names at this threshold; a click on the curve moves the threshold.")),
  );
  load();
  draw();
}

export default { render };
