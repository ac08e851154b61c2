// The rules explorer: what a rule says, what it found, and the rule itself.

const every = "all";

function render({ model, el }) {
  const rules = model.get("rules"), verdicts = model.get("verdicts"), columns = model.get("columns");
  const last = columns.length - 1, documents = [...new Set(rules.map((rule) => rule.document))];
  const state = { document: documents[0], verdict: verdicts[0], rule: 0 };
  const results = place({ "aria-live": "polite" }), controls = place({ class: "controls" });
  const fits = (check) => state.verdict === every || check[last] === state.verdict;
  const offered = () => rules.map((rule, at) => [at, rule]).filter(([, rule]) => rule.document === state.document && rule.checks.some(fits));

  const show = () => {
    if (!offered().length) return results.show(element("p", {}, `No check of document ${state.document} ${state.verdict}.`));
    const { name, says, code, checks } = rules[state.rule], chosen = checks.filter(fits);
    const rows = chosen.map((check) => [check[0], ...check.slice(1, last), element("strong", {}, check[last])]);
    results.show(
      element("p", { class: "says" }, says),
      table(`${name}: ${chosen.length} of ${checks.length} checks`, columns, rows),
      element("details", {}, element("summary", {}, "The rule itself"),
        element("pre", { tabindex: 0, "aria-label": `Code of the rule ${name}` }, code)),
    );
  };
  const options = (pairs, chosen) => pairs.map(([value, name]) => element("option", { value, selected: value === chosen }, name));
  const list = choice("Rule", [], null, (at) => { state.rule = Number(at); show(); });
  const narrow = (name) => (value) => {
    state[name] = value;
    const pairs = offered();
    state.rule = pairs[0]?.[0] ?? 0;
    list.querySelector("select").replaceChildren(...options(pairs.map(([at, rule]) => [at, rule.name]), state.rule));
    show();
  };
  controls.show(
    choice("Document", documents.map((name) => [name, name]), state.document, narrow("document")),
    choice("Checks that", [...verdicts.map((name) => [name, name === "holds" ? "hold" : name === "fails" ? "fail" : `are ${name}`]), [every, "were made"]], state.verdict, narrow("verdict")),
    list);
  el.append(element("section", { class: "explorer rules", "data-explorer": "rules", "aria-label": "Rules explorer" }, controls.box, results.box));
  narrow("document")(state.document);
}

export default { render };
