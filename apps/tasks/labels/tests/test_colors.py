"""Default colours, and text that can be read on any colour."""

from random import Random

import pytest

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.labels.colors import BLACK, PALETTE, WHITE, contrast, default_color, text_color
from apps.tasks.labels.stylesheet import stylesheet
from apps.tasks.labels.tests.label_helpers import make_labels
from apps.tasks.models import Label


def test_la2_there_are_twelve_colours_and_names_are_spread_over_all_of_them():
    assert len(set(PALETTE)) == 12
    assert {default_color(f"label {number}") for number in range(300)} == set(PALETTE)


def test_la2_the_colour_does_not_depend_on_the_case():
    assert default_color("Straße") == default_color("STRAßE") == default_color("straße")


@pytest.mark.parametrize(
    ("color", "ratio"), [("#ffffff", 21), ("#767676", 4.62), ("#0000ff", 2.44), ("#ff0000", 5.25), ("#000000", 1)]
)
def test_the_contrast_with_black_is_that_of_wcag(color, ratio):
    assert contrast(color, BLACK) == pytest.approx(ratio, abs=0.02)


def test_text_on_any_colour_has_a_contrast_of_4_5_and_the_higher_of_the_two():
    random = Random(7)
    colors = [*PALETTE, *(f"#{random.randrange(1 << 24):06x}" for _ in range(5_000))]

    ratios = {color: contrast(color, text_color(color)) for color in colors}

    print(f"\n{len(ratios)} colours: lowest contrast {min(ratios.values()):.2f}")
    assert min(ratios.values()) >= 4.5
    assert all(ratio == max(contrast(color, BLACK), contrast(color, WHITE)) for color, ratio in ratios.items())


@pytest.mark.django_db
def test_the_stylesheet_of_a_project_has_a_class_for_each_of_its_labels(project):
    bug, dark = make_labels(project, "bug", "dark")
    Label.objects.filter(pk=bug.pk).update(color="#b9772a")
    make_labels(ProjectFactory(), "elsewhere")

    assert stylesheet(project.pk) == f".l-{bug.pk} {{ --c: #b9772a; }}\n.l-{dark.pk} {{ --c: #c8473f; }}\n"
