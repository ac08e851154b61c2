// What the blind test shows when the reading is over: scores, confusion matrices, confidence, and each picture again.

const CLASS_NAMES = ["normal", "benign", "malignant"];
const TITLES = {
  accuracy: "accuracy", sensitivity: "sensitivity for malignant", specificity: "specificity for malignant", kappa: "kappa with the truth",
};
const FILTERS = [
  ["all", "all that you read", () => true],
  ["yours", "that you called wrong", ({ own, truth }) => own !== truth],
  ["theirs", "that a network called wrong", ({ theirs, truth }) => theirs.some((called) => called !== truth)],
  ["missed", "malignant that you let go", ({ own, truth }) => truth === MALIGNANT && own !== MALIGNANT],
];

function resultsScreen(test, shelf, go) {
  const read = shelf.answers.flatMap((answer, i) => (answer ? [i] : []));
  const protocols = [...new Set(test.networks.map(({ protocol }) => protocol))];
  const boards = place({ "aria-live": "polite" }), again = walk(test, shelf, read);
  const own = scored(test, read, read.map((i) => shelf.answers[i].call));
  const known = {};
  const compared = (protocol) => (known[protocol] ??= test.networks.filter((network) => network.protocol === protocol)
    .map((network) => [network, scored(test, read, read.map((i) => network.called[i]), own.calls)]));
  const draw = (protocol) => {
    const networks = compared(protocol).map(([network]) => network), theirs = compared(protocol).map(([, found]) => found);
    boards.show(scoreTable(test, own, networks, theirs, read.map((i) => shelf.answers[i].seconds)),
      element("div", { class: "matrices" }, matrix("You", own.confusion),
        networks.map(({ network }, k) => matrix(test.look.networks[network].name, theirs[k].confusion))));
    again.draw(networks);
  };
  const heading = element("h3", { tabindex: -1 }, `You read ${read.length} of ${test.cases.length} pictures`);
  const content = element("div", {}, heading, element("p", { class: "warning" }, test.about.warning),
    element("div", { class: "controls" }, choice("Networks trained by the protocol",
      protocols.map((name) => [name, test.look.protocols[name]]), protocols[0], draw)),
    boards.box, sureTable(own, read.map((i) => shelf.answers[i].sure)),
    element("h4", {}, "Each picture again"), again.box, keeping(test, shelf, go));
  draw(protocols[0]);
  setTimeout(() => protocols.forEach(compared));  // so that the other protocol is there at once
  return { content, focus: heading };
}

/** One reader's calls against the truth, and against hers where given. */
function scored({ cases, weights, about }, read, calls, hers) {
  const truth = read.map((i) => cases[i].label), owner = read.map((i) => cases[i].patient);
  const with_ = (other) => agreement(other, calls, owner, weights, about.patients);
  return { truth, calls, confusion: confusionOf(truth, calls), scores: with_(truth), withHer: hers && with_(hers).kappa };
}

function scoreTable({ look }, own, networks, theirs, seconds) {
  const readers = [own, ...theirs], right = ({ truth, calls }) => truth.filter((label, i) => label === calls[i]).length;
  return table(
    "On the pictures that you read; below each value its 95 % interval, over patients. Times are medians.",
    ["", "You", ...networks.map(({ network }) => element("span", {}, badge(look.networks[network]), look.networks[network].name))],
    [
      ["called right", ...readers.map((reader) => shown(right(reader), 0))],
      ...SCORES.map((name) => [TITLES[name], ...readers.map(({ scores }) => ranged(scores[name]))]),
      ["kappa with you", "", ...theirs.map(({ withHer }) => ranged(withHer))],
      ["seconds a picture", shown(median(seconds), 1), ...networks.map((network) => shown(network.seconds, 3))],
    ],
  );
}

const ranged = ([value, low, high]) => element("span", {}, shown(value, 2),
  Number.isFinite(low) ? element("span", { class: "interval" }, "[", shown(low, 2), ", ", shown(high, 2), "]") : []);

function matrix(name, counts) {
  const cell = (row, column) => {
    const count = counts[SIZE * row + column];
    return row === column ? element("strong", {}, shown(count, 0)) : shown(count, 0);
  };
  return table(`${name}: rows the truth, columns the call`, ["", ...CLASS_NAMES],
    CLASS_NAMES.map((truth, row) => [truth, ...CLASS_NAMES.map((_, column) => cell(row, column))]));
}

/** How often she was right when she was certain, and when she guessed. */
function sureTable({ truth, calls }, sure) {
  return table("How sure you were, and how often you were right", ["", "pictures", "called right", "share"],
    SURE.map((name, level) => {
      const chosen = truth.map((label, i) => i).filter((i) => sure[i] === level);
      const right = chosen.filter((i) => truth[i] === calls[i]).length;
      return [name, shown(chosen.length, 0), shown(right, 0), shown(ratio(right, chosen.length), 2)];
    }));
}

/** The pictures that she read, each with the truth and everybody's call. */
function walk(test, shelf, read) {
  const eye = viewer(test.about.size, test.about.outline), told = place({ "aria-live": "polite" });
  let networks = [], filter = FILTERS[0][2], at = 0, outlined = true, chosen = read;
  const back = element("button", { type: "button", onclick: () => step(-1) }, "Previous");
  const forth = element("button", { type: "button", onclick: () => step(1) }, "Next");
  const step = (way) => { at = Math.min(Math.max(at + way, 0), chosen.length - 1); show(); };
  const select = () => {
    chosen = read.filter((i) => filter({ own: shelf.answers[i].call, truth: test.cases[i].label, theirs: networks.map(({ called }) => called[i]) }));
    at = 0;
    show();
  };
  const show = () => {
    back.disabled = at <= 0;
    forth.disabled = at >= chosen.length - 1;
    eye.box.hidden = !chosen.length;
    if (!chosen.length) return told.show(element("p", {}, "There is no such picture."));
    const i = chosen[at], { circle } = test.cases[i];
    eye.show(test.picture(i), outlined ? circle : null);
    told.show(callTable(test, networks, i, shelf.answers[i], `${at + 1} of ${chosen.length}, picture ${i + 1}`));
  };
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
    const way = !event.shiftKey && { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (way) step(way);
    else if (!eye.press(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const box = element("div", { onkeydown: press },
    element("div", { class: "controls" },
      choice("Pictures", FILTERS.map(([key, name]) => [key, name]), "all", (key) => { filter = FILTERS.find(([own]) => own === key)[2]; select(); }),
      ticks("Lesion", [["outline", "outlined"]], ["outline"], (ticked) => { outlined = ticked.length > 0; show(); }),
      element("div", { class: "ways" }, back, forth)),
    element("div", { class: "side" }, element("div", { class: "picture" }, eye.box), element("div", { class: "panel" }, told.box)),
    eye.controls);
  return { box, draw: (shownNetworks) => { networks = shownNetworks; const kept = at; select(); at = Math.min(kept, Math.max(chosen.length - 1, 0)); show(); } };
}

function callTable({ look, cases }, networks, i, answer, caption) {
  const truth = cases[i].label, verdict = (call) => [CLASS_NAMES[call], call === truth ? "right" : "wrong"];
  return table(caption, ["", "call", "", "how sure"], [
    ["Truth", CLASS_NAMES[truth], "", ""],
    ["You", ...verdict(answer.call), SURE[answer.sure]],
    ...networks.map(({ network, called, probabilities }) =>
      [look.networks[network].name, ...verdict(called[i]), shown(Math.max(...probabilities[i]), 2)]),
  ]);
}
