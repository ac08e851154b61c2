// The widget manager still speaks to MathJax 2; this passes its one wish on to MathJax 3.
window.MathJax = window.MathJax || {};
window.MathJax.Hub = {
  Queue: ([, , element]) => window.MathJax.typesetPromise && window.MathJax.typesetPromise([element]),
};
