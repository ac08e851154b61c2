// One picture on black, as a reader wants it: brightness, contrast, zoom, crisp or smooth, and a lesion's outline.

const RANGES = {
  brightness: { min: 20, max: 400, step: 10, value: 100, format: (v) => `${v} %` },
  contrast: { min: 50, max: 400, step: 10, value: 100, format: (v) => `${v} %` },
  zoom: { min: 1, max: 6, step: 0.5, value: 1, format: (v) => `${v} ×` },
};
const VIEW_KEYS = {
  ArrowUp: ["brightness", 10], ArrowDown: ["brightness", -10], ".": ["contrast", 10], ",": ["contrast", -10],
  "+": ["zoom", 0.5], "=": ["zoom", 0.5], "-": ["zoom", -0.5],
};
const PAN_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Pictures of `size` pixels; `box` and `controls` go on the page, `show(image, circle)` shows one of them. */
function viewer(size, outlineColor) {
  const view = { brightness: 100, contrast: 100, zoom: 1, x: 0, y: 0, smooth: false, inverted: false };
  const sheet = element("div", { class: "sheet" }), glass = element("div", { class: "glass" }, sheet);
  const box = element("div", { class: "viewer", tabindex: 0, role: "group", "aria-label": "The picture" }, glass);

  const draw = () => {
    const most = 1 - 1 / view.zoom;
    view.x = Math.min(Math.max(view.x, 0), most);
    view.y = Math.min(Math.max(view.y, 0), most);
    sheet.style.transform = `scale(${view.zoom}) translate(${-100 * view.x}%, ${-100 * view.y}%)`;
    sheet.style.setProperty("--window", `brightness(${view.brightness}%) contrast(${view.contrast}%) invert(${+view.inverted})`);
    sheet.classList.toggle("smooth", view.smooth);
    glass.classList.toggle("zoomed", view.zoom > 1);
  };
  const fit = () => {
    // A whole number of the screen's pixels for each of the picture's, so that all stay equally large; where that would
    // leave much of the room empty, the picture fills it and is smooth.
    const dots = window.devicePixelRatio || 1, room = Math.min(box.clientWidth, 480) * dots;
    const whole = Math.floor(room / size) * size, crisp = whole > 0.75 * room;
    glass.style.width = `${(crisp ? whole : room) / dots}px`;
    sheet.classList.toggle("uneven", !crisp);
  };
  new ResizeObserver(fit).observe(box);

  const sliders = Object.fromEntries(Object.entries(RANGES).map(([name, range]) =>
    [name, slider(name[0].toUpperCase() + name.slice(1), range, (value) => { view[name] = value; draw(); })]));
  const turn = (name, value) => {
    const input = sliders[name].querySelector("input");
    input.value = value;
    input.dispatchEvent(new Event("input"));
  };
  const reset = () => Object.entries(RANGES).forEach(([name, { value }]) => turn(name, value));
  const shades = ticks("Pixels", [["smooth", "smooth"], ["inverted", "inverted"]], [], (ticked) => {
    view.smooth = ticked.includes("smooth");
    view.inverted = ticked.includes("inverted");
    draw();
  });
  const controls = element("div", { class: "controls eye" }, Object.values(sliders), shades,
    element("button", { type: "button", onclick: reset }, "As stored"));

  draggable(glass, (x, y) => { view.x -= x / view.zoom; view.y -= y / view.zoom; draw(); });
  draw();
  return {
    box, controls,
    show(image, circle) {
      sheet.replaceChildren(image, ...(circle ? [outline(circle, size, outlineColor)] : []));
    },
    /** Whether the key was one of the viewer's. */
    press(event) {
      const way = event.shiftKey && PAN_KEYS[event.key], turned = !way && VIEW_KEYS[event.key];
      if (way) { view.x += way[0] / 8 / view.zoom; view.y += way[1] / 8 / view.zoom; draw(); }
      if (turned) turn(turned[0], view[turned[0]] + turned[1]);
      if (event.key === "0") reset();
      return Boolean(way || turned || event.key === "0");
    },
  };
}

/** Calls back with the way of a drag, in shares of the element's size. */
function draggable(node, onDrag) {
  let last = null;
  node.addEventListener("pointerdown", (event) => {
    last = event;
    node.setPointerCapture(event.pointerId);
  });
  node.addEventListener("pointermove", (event) => {
    if (!last) return;
    onDrag((event.clientX - last.clientX) / node.clientWidth, (event.clientY - last.clientY) / node.clientHeight);
    last = event;
  });
  for (const end of ["pointerup", "pointercancel"]) node.addEventListener(end, () => { last = null; });
}

/** A circle legible on dark and on bright tissue; a pixel's center lies half a pixel from its corner. */
function outline([x, y, radius], size, color) {
  const circle = (stroke, width) => svg("circle", { cx: x + 0.5, cy: y + 0.5, r: radius, fill: "none", stroke,
    "stroke-width": width, "vector-effect": "non-scaling-stroke" });
  return svg("svg", { class: "outline", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": "The lesion's outline" },
    circle("#222222", 4), circle(color, 1.8));
}
