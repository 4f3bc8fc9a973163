from pqldesk.services.basics.resources import resource, resources
from pqldesk.services.basics.texts import _, n_, use_language


def test_every_bundled_folder_of_other_peoples_work_has_its_licence():
    assert "SIL OPEN FONT LICENSE" in resource("fonts", "OFL.txt").read_text("utf-8").upper()
    assert "ISC" in resource("icons", "LICENSE").read_text("utf-8")
    unknown = [
        file.name
        for file in resources().rglob("*")
        if file.suffix in {".svg", ".woff2", ".ttf", ".png"}
        and not {"fonts", "icons", "desktop"} & set(file.parts)
    ]
    assert unknown == []


def test_a_text_without_translation_is_itself():
    use_language(["xx"])
    assert _("Nobody knows this text") == "Nobody knows this text"


def test_the_plural_is_chosen_by_the_number():
    assert n_("{n} lead", "{n} leads", 1) == "1 lead"
    assert n_("{n} lead", "{n} leads", 48210) == "48,210 leads"
