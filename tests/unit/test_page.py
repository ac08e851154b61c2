"""A page is today's source with the outputs of the last execution."""

import nbformat.v4 as v4
import pytest

from workflow.page import page, renumbered


def executed():
    injected = v4.new_code_cell("x = 2", metadata={"tags": ["injected-parameters"]})
    parameters = v4.new_code_cell("x = 1", metadata={"tags": ["parameters"]})
    result = v4.new_code_cell("x", outputs=[v4.new_output("execute_result", {"text/plain": "2"})], execution_count=7)
    return v4.new_notebook(cells=[v4.new_markdown_cell("old"), parameters, injected, result])


def source(prose="new"):
    parameters = v4.new_code_cell("x = 1", metadata={"tags": ["parameters"]})
    return v4.new_notebook(cells=[v4.new_markdown_cell(prose), parameters, v4.new_code_cell("x  # said")])


def test_prose_is_new_and_outputs_are_kept():
    made = page(source(), executed())
    assert made.cells[0].source == "new"
    assert made.cells[2].source == "x  # said"
    assert made.cells[2].outputs[0].data["text/plain"] == "2"


def test_injected_parameters_are_not_shown():
    made = page(source(), executed())
    assert len(made.cells) == 3
    assert "remove-cell" in made.cells[1].metadata.tags


def test_code_is_folded_and_prose_is_not():
    made = page(source(), executed())
    assert made.cells[2].metadata.tags == ["hide-input"]
    assert "tags" not in made.cells[0].metadata


def test_two_pages_of_one_run_are_identical():
    assert page(source(), executed()) == page(source(), executed())


def figure(words):
    return v4.new_output("display_data", {"image/png": "iVBORw0="}, metadata={"image/png": {"alt": words}})


def shown(*outputs, tags=()):
    source_cell = v4.new_code_cell("draw()", metadata={"tags": list(tags)} if tags else {})
    ran = v4.new_code_cell("draw()", outputs=list(outputs), execution_count=1)
    return page(v4.new_notebook(cells=[source_cell]), v4.new_notebook(cells=[ran])).cells[0]


def test_the_words_of_a_figure_become_its_alternative_text():
    assert shown(figure("Bars: more and more.")).metadata.mystnb == {"image": {"alt": "Bars: more and more."}}
    assert "mystnb" not in shown(v4.new_output("stream", text="no figure")).metadata


def test_two_figures_in_a_cell_are_refused():
    with pytest.raises(ValueError, match="one figure a cell, came 2"):
        shown(figure("one"), figure("other"))


def test_a_solution_is_folded_whole_under_a_button_and_keeps_its_words():
    cell = shown(figure("A curve that falls."), tags=["solution"])
    assert cell.metadata.tags == ["solution", "hide-cell"]
    assert cell.metadata.mystnb.code_prompt_show == "Show the solution"
    assert cell.metadata.mystnb.image.alt == "A curve that falls."


def test_the_cell_to_write_in_is_not_on_the_page():
    assert "remove-cell" in shown(tags=["answer"]).metadata.tags


def test_widgets_get_the_same_ids_in_every_run():
    first, second = "0f" * 16, "ab" * 16
    text = f'{{"{first}": {{"child": "IPY_MODEL_{second}"}}, "{second}": {{}}, "sum": "{"cd" * 16}"}}'
    other = text.replace(first, "12" * 16).replace(second, "34" * 16)
    made = renumbered(text, [first, second])
    assert made == renumbered(other, ["12" * 16, "34" * 16])
    assert f"IPY_MODEL_{2:032x}" in made
    assert "cd" * 16 in made
