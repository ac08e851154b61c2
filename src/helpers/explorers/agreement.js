// How far calls agree: the arithmetic of evaluation/agreement.py and evaluation/intervals.py, operation by operation.
// Counts are whole numbers up to the one division of each score, so both sides get the same bits.

const SCORES = ["accuracy", "sensitivity", "specificity", "kappa"];
const SIZE = 3, MALIGNANT = 2;

const ratio = (above, below) => (below > 0 ? above / below : NaN);

/** Nine counts, row by row: the first's class, then the second's. Both are lists of class indices. */
function confusionOf(first, second) {
  const counts = new Float64Array(SIZE * SIZE);
  first.forEach((label, i) => counts[SIZE * label + second[i]]++);
  return counts;
}

/** Accuracy, sensitivity and specificity for malignant, and Cohen's kappa; NaN where one is not defined. */
function scoresOf(c) {
  const normal = c[0] + c[1] + c[2], benign = c[3] + c[4] + c[5], malignant = c[6] + c[7] + c[8];
  const pictures = normal + benign + malignant, agreed = c[0] + c[4] + c[8];
  const byChance = normal * (c[0] + c[3] + c[6]) + benign * (c[1] + c[4] + c[7]) + malignant * (c[2] + c[5] + c[8]);
  return [
    ratio(agreed, pictures),
    ratio(c[8], malignant),
    ratio(c[0] + c[1] + c[3] + c[4], pictures - malignant),
    ratio(pictures * agreed - byChance, pictures * pictures - byChance),
  ];
}

/** {score: [value, low, high]}; `weights` holds, draw after draw, how often each of the `patients` was drawn. */
function agreement(first, second, owner, weights, patients) {
  const cells = Uint8Array.from(first, (label, i) => SIZE * label + second[i]), owners = Uint16Array.from(owner);
  const counts = new Float64Array(SIZE * SIZE), draws = weights.length / patients;
  const drawn = SCORES.map(() => new Float64Array(draws));
  for (let draw = 0; draw < draws; draw++) {
    counts.fill(0);
    for (let i = 0; i < cells.length; i++) counts[cells[i]] += weights[draw * patients + owners[i]];
    const scores = scoresOf(counts);
    for (let k = 0; k < drawn.length; k++) drawn[k][draw] = scores[k];
  }
  const value = scoresOf(confusionOf(first, second));
  return Object.fromEntries(SCORES.map((name, k) => [name, [value[k], ...interval(drawn[k])]]));
}

/** The percentile interval, with NumPy's way between two draws; undefined draws are left out. */
function interval(values, level = 0.95) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (!sorted.length) return [NaN, NaN];
  return [(1 - level) / 2, (1 + level) / 2].map((share) => {
    const between = (sorted.length - 1) * share, below = Math.floor(between), t = between - below;
    const low = sorted[below], high = sorted[Math.min(below + 1, sorted.length - 1)];
    return t >= 0.5 ? high - (high - low) * (1 - t) : low + (high - low) * t;
  });
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
