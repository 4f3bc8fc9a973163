"""Every page and dialog of a workspace whose names are markup."""

from walked import faults, walked

MARKUP = "markup@1440x900"


def test_a_name_that_is_markup_is_shown_as_its_letters_everywhere() -> None:
    found = walked(MARKUP)
    assert faults(found["found"][MARKUP]) == {}
    assert found["marked"] > 25  # scenes in which such a name is in sight
