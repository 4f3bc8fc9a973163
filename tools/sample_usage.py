"""What an edit of a wiki stands for in the sample: told in words in resources/sample/README.md."""

from typing import Any

Row = dict[str, Any]
TALK = (
    "talk", "disku", "discu", "diskus", "обсу", "обго", "overleg", "dyskusja", "vita", "pogovor", "keskustelu",
    "tartışma", "thảo luận", "συζήτηση", "ノート", "会話", "토론", "بحث", "نقاش", "שיחה", "שיחת", "разговор", "քննարկ",
    "वार्ता", "mesaj", "pembicaraan", "perbincangan", "conversa", "беседа", "eztabaida", "topic", "sujet", "tema",
)  # fmt: skip
SPACES = {  # feature or integration keys by what the page is for; the first that is part of its namespace counts
    "calendar": ("template", "modèle", "vorlage", "plantilla", "шаблон", "sjabloon", "sablon", "malline", "תבנית",
                 "الگو", "şablon", "predefinição", "templat", "կաղապար", "틀", "قالب", "mall", "mal", "šablon",
                 "skabelon"),
    "storage": ("file", "datei", "fichier", "ファイル", "файл", "پرونده", "fail", "ficheiro", "tập tin", "berkas"),
    "webhooks": ("module", "mediawiki", "模块"),
    "spreadsheets": ("categor", "kategor", "катег", "категори", "catégorie", "تصنيف", "رده", "분류",
                     "luokka", "thể loại", "κατηγ"),
    "templates": ("draft", "anexo", "инкубатор", "טיוטה", "book"),
    "workflows": ("wiki", "вики", "вікі", "проект", "proj", "portal", "портал", "portail", "progetto", "위키", "vikip"),
    "profile": ("user", "benutzer", "utilisat", "usu", "utente", "участн", "корист", "利用者", "gebruiker", "사용자"),
}  # fmt: skip
INTEGRATIONS = frozenset({"calendar", "storage", "webhooks", "spreadsheets"})


def meaning(edit: Row) -> tuple[str, str, int]:
    """What an edit stands for: the event, its key and its quantity."""
    space, added = edit["namespace"].casefold(), edit["added"]
    if any(sign in space for sign in TALK):
        to_a_person = any(sign in space for sign in SPACES["profile"])
        if to_a_person or added >= 300:
            return "team_invited", "", min(5, 1 + added // 300)
        return "comment_added", "", 1
    if edit["event"] == "page_created" or added >= 2_000:
        return "data_imported", "", max(1, added // 4)
    key = next((key for key, signs in SPACES.items() if any(sign in space for sign in signs)), None)
    if key in INTEGRATIONS:
        return "integration_connected", str(key), 1
    key = key or _feature(edit)
    return ("record_edited", "", 1) if key is None else ("feature_activated", key, 1)


def _feature(edit: Row) -> str | None:
    """The feature that an edit of an article stands for; a small one stands for none."""
    if edit["added"] >= 1_200:
        return "reports"
    if edit["deleted"] >= 150:
        return "bulk-edit"
    if edit["added"] >= 400:
        return "dashboards"
    if edit["isUnpatrolled"]:
        return "approvals"
    if edit["deleted"] >= 25:
        return "filters"
    if edit["added"] >= 120:
        return "saved-views"
    if edit["added"] >= 60:
        return "search"
    return "shortcuts" if edit["isMinor"] else None
