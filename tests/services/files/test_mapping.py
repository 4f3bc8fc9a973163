import pytest

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.files.fields import FIELDS, Kind, folded
from pqldesk.services.files.mapping import from_json, header_signature, map_columns


def test_columns_are_recognised_whatever_their_spelling() -> None:
    found = map_columns(
        Kind.LEADS,
        ["E-mail", "First Name", "surname", "Account_Name", "jobTitle", "Signup Date", "Region", "Shoe"],
    )
    assert found.columns == {
        "E-mail": "email",
        "First Name": "first_name",
        "surname": "last_name",
        "Account_Name": "company",
        "jobTitle": "job_title",
        "Signup Date": "signup_at",
        "Region": "state",
    }
    assert found.unmapped == ("Shoe",)


@pytest.mark.parametrize(
    ("kind", "columns", "fields"),
    [
        (
            Kind.LEADS,
            "Vorname;Nachname;E-Mail-Adresse;Firma;Webseite;Funktion;Telefon;Land;Bundesland;Quelle;Registriert am",
            "first_name last_name email company domain job_title phone country state source signup_at",
        ),
        (
            Kind.LEADS,
            "Nombre;Apellidos;Correo electrónico;Empresa;Sitio web;Cargo;Teléfono;País;Provincia;Origen;Fecha de alta",
            "first_name last_name email company domain job_title phone country state source signup_at",
        ),
        (Kind.EVENTS, "E-Mail;Ereignis;Zeitpunkt;Anzahl", "email event occurred_at quantity"),
        (Kind.EVENTS, "Correo;Evento;Fecha y hora;Cantidad", "email event occurred_at quantity"),
        (Kind.TRIALS, "E-Mail;Tarif;Beginn;Ende;Status", "email plan starts_at ends_at state"),
    ],
)
def test_german_and_spanish_columns_are_recognised(kind: Kind, columns: str, fields: str) -> None:
    names = columns.split(";")
    assert map_columns(kind, names).columns == dict(zip(names, fields.split(), strict=True))


@pytest.mark.parametrize("kind", list(Kind))
def test_no_column_could_be_two_fields(kind: Kind) -> None:
    known = [
        folded(name)
        for names in FIELDS[kind].values()
        for name in {folded(one): one for one in names}.values()
    ]
    assert {name for name in known if known.count(name) > 1} <= {"accountname"}


def test_every_canonical_name_maps_to_itself() -> None:
    events = ["event_id", "email", "user_id", "anonymous_id", "event", "key", "quantity", "occurred_at"]
    events += ["company_domain", "company_id", "received_at"]
    assert map_columns(Kind.EVENTS, events).columns == {name: name for name in events}
    trials = ["email", "domain", "plan", "starts_at", "ends_at", "state", "converted_at"]
    assert map_columns(Kind.TRIALS, trials).columns == {name: name for name in trials}
    companies = ["company_id", "name", "domain"]
    assert map_columns(Kind.COMPANIES, companies).columns == {name: name for name in companies}


def test_the_exact_name_wins_over_a_synonym() -> None:
    found = map_columns(Kind.EVENTS, ["timestamp", "occurred_at", "user_id", "event"])
    assert found.columns["occurred_at"] == "occurred_at"
    assert found.unmapped == ("timestamp",)


def test_created_at_is_the_signup_but_not_in_a_crm_export() -> None:
    assert map_columns(Kind.LEADS, ["email", "created_at"]).columns["created_at"] == "signup_at"
    assert "Created At" not in map_columns(Kind.LEADS, ["Email", "Created At", "Lead Status"]).columns


def test_what_the_user_maps_wins_and_an_empty_field_leaves_out() -> None:
    found = map_columns(Kind.LEADS, ["email", "contact_email", "phone"], ["contact_email=email", "Phone="])
    assert found.columns == {"contact_email": "email"}
    assert found.unmapped == ("email", "phone")


def test_constants_stand_in_for_columns() -> None:
    found = map_columns(Kind.EVENTS, ["user_id", "time"], constants=["event=login"])
    assert (found.columns, found.constants) == (
        {"user_id": "user_id", "time": "occurred_at"},
        {"event": "login"},
    )


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (["emial=email"], "Did you mean 'email'"),
        (["nothing like it=email"], "Its columns are email, phone"),
        (["phone=telephone"], "Known are email, user_id"),
        (["phone"], "no equals sign"),
        (["email=name", "phone=name"], "Two columns are mapped to name"),
    ],
)
def test_a_wrong_map_option_says_what_would_be_right(chosen: list[str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        map_columns(Kind.LEADS, ["email", "phone"], chosen)


def test_a_wrong_constant_names_the_fields() -> None:
    with pytest.raises(BadInput, match="Known are event_id"):
        map_columns(Kind.EVENTS, ["user_id", "event", "time"], constants=["colour=red"])


@pytest.mark.parametrize(
    ("kind", "columns", "said"),
    [
        (Kind.LEADS, ["name", "company"], "identifies a lead"),
        (Kind.COMPANIES, ["name"], "identifies a company"),
        (Kind.TRIALS, ["plan", "ends_at"], "identifies a lead or a company"),
        (Kind.TRIALS, ["email", "name"], "No column says anything of a trial; the columns are email, name."),
        (Kind.EVENTS, ["email", "time"], "gives event"),
        (Kind.EVENTS, ["email", "event"], "gives occurred_at"),
    ],
)
def test_missing_columns_are_said_with_those_that_are_there(
    kind: Kind, columns: list[str], said: str
) -> None:
    with pytest.raises(BadInput, match=said) as problem:
        map_columns(kind, columns)
    assert ", ".join(columns) in problem.value.what


def test_companies_alone_are_enough_for_events_and_trials() -> None:
    assert map_columns(Kind.EVENTS, ["company_domain", "event", "time"]).fields >= {"company_domain"}
    assert map_columns(Kind.TRIALS, ["domain", "ends_at"]).fields >= {"domain"}


def test_a_repeated_name_that_matters_is_asked_about() -> None:
    with pytest.raises(BadInput, match="more than once"):
        map_columns(Kind.LEADS, ["email", "email (2)"])
    assert map_columns(Kind.LEADS, ["email", "email (2)"], ["email (2)=email"]).columns == {
        "email (2)": "email"
    }
    assert map_columns(Kind.LEADS, ["email", "note", "note (2)"]).columns == {"email": "email"}


def test_state_is_the_region_except_in_our_own_export() -> None:
    assert map_columns(Kind.LEADS, ["email", "state"]).columns["state"] == "state"
    own = map_columns(Kind.LEADS, ["lead_id", "email", "band", "state", "score", "user_ids"])
    assert own.own_export
    assert own.columns == {
        "lead_id": "lead_id",
        "email": "email",
        "state": "lead_state",
        "user_ids": "user_ids",
    }


def test_a_mapping_is_remembered_for_the_same_header_in_any_order() -> None:
    first = map_columns(Kind.LEADS, ["Mail", "Boss"], ["Boss=owner"], ["source=fair"])
    assert header_signature(["Mail", "Boss"]) == header_signature(["boss", " MAIL"])
    assert header_signature(["Mail", "Boss"]) != header_signature(["Mail"])
    again = map_columns(Kind.LEADS, ["Boss", "Mail"], remembered=from_json(first.to_json(), ["Boss", "Mail"]))
    assert (dict(again.columns), dict(again.constants)) == (
        {"Boss": "owner", "Mail": "email"},
        {"source": "fair"},
    )


def test_a_page_of_text_for_a_header_is_cut_in_the_sentence() -> None:
    with pytest.raises(BadInput) as refused:
        map_columns(Kind.LEADS, ["x" * 5_000, "colour"], (), (), None)
    assert f"the columns are {'x' * 60}..., colour." in str(refused.value)
