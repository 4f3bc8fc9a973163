"""What a file may hold: the fields of each kind of file, and the column names they are known by.

Names are compared without case, blanks, hyphens, underscores and other signs. The first known name wins where two
columns could be one field. German and Spanish names are known as well, since the program speaks both.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    LEADS = "leads"
    COMPANIES = "companies"
    EVENTS = "events"
    TRIALS = "trials"


_EMAIL: Final = (
    "email", "e mail", "email address", "e mail address", "work email", "business email", "contact email",
    "user email", "person email", "lead email", "primary email", "mail", "property email", "traits email",
    "properties email", "user properties email", "e mail adresse", "mailadresse", "correo", "correo electrónico",
    "correo electronico", "dirección de correo",
)  # fmt: skip
_USER_ID: Final = ("user id", "userid", "uid", "external user id", "customer user id", "user uuid", "user")
_ANONYMOUS_ID: Final = ("anonymous id", "anon id", "anonymousid", "device id", "visitor id", "domain userid")
_COMPANY: Final = (
    "company", "company name", "account", "account name", "organization", "organisation", "organization name",
    "organisation name", "employer", "property company", "firma", "firmenname", "unternehmen", "empresa",
    "nombre de la empresa", "compañía",
)  # fmt: skip
_COMPANY_ID: Final = (
    "company id", "account id", "organization id", "organisation id", "org id", "group id", "tenant id",
    "workspace id", "customer id", "namespace id",
)  # fmt: skip
_DOMAIN: Final = (
    "domain", "company domain", "company domain name", "email domain", "account domain", "website", "company website",
    "website url", "web site", "property domain", "webseite", "internetseite", "sitio web", "página web", "dominio",
)  # fmt: skip
_RECEIVED: Final = ("received at", "receivedat", "ingested at", "loaded at", "collector tstamp")
_PLAN: Final = (
    "plan", "plan name", "plan type", "plan tier", "subscription plan", "tier", "trial plan name", "tarif",
)  # fmt: skip

FIELDS: Final[dict[Kind, dict[str, tuple[str, ...]]]] = {
    Kind.LEADS: {
        "email": _EMAIL,
        "user_id": _USER_ID,
        "anonymous_id": _ANONYMOUS_ID,
        "company_id": _COMPANY_ID,
        "first_name": ("first name", "given name", "forename", "fname", "property firstname", "vorname", "nombre"),
        "last_name": (
            "last name", "surname", "family name", "lname", "property lastname", "nachname", "familienname",
            "apellidos", "apellido",
        ),
        "name": (
            "name", "full name", "contact name", "lead name", "person name", "display name", "ansprechpartner",
            "kontakt", "nombre completo", "nombre y apellidos", "contacto",
        ),
        "company": _COMPANY,
        "domain": _DOMAIN,
        "job_title": (
            "job title", "job", "title", "position", "property jobtitle", "funktion", "berufsbezeichnung", "cargo",
            "puesto",
        ),
        "phone": (
            "phone", "phone number", "telephone", "mobile", "mobile phone", "mobile phone number", "tel", "telefon",
            "telefonnummer", "handy", "mobiltelefon", "teléfono", "telefono", "móvil",
        ),
        "country": ("country", "country code", "country region", "country name", "land", "país", "pais"),
        "state": ("state", "region", "state region", "province", "state province", "bundesland", "región", "provincia"),
        "plan": _PLAN,
        "signup_at": (
            "signup at", "signed up at", "signup date", "sign up date", "signup time", "signed up", "signup",
            "registered at", "registration date", "date registered", "joined at", "created at", "user created at",
            "registriert am", "angemeldet am", "anmeldedatum", "registrierungsdatum", "erstellt am",
            "fecha de registro", "fecha de alta", "creado el",
        ),
        "source": (
            "source", "lead source", "signup source", "original source", "referral source", "quelle", "herkunft",
            "fuente", "origen",
        ),
        "kind": ("kind", "submission kind", "lead kind"),
        "glm_source": ("glm source",),
        "glm_content": ("glm content",),
        "product_interaction": ("product interaction",),
        "comment": (
            "comment", "comments", "message", "request", "kommentar", "bemerkung", "nachricht", "comentario",
            "mensaje",
        ),
        "submitted_at": ("submitted at", "submission date", "form submitted at", "submission timestamp"),
        "received_at": _RECEIVED,
        "outcome": ("outcome", "deal outcome", "result outcome"),
        "outcome_at": ("outcome at", "outcome date", "closed at", "close date"),
        "deal_value": ("deal value", "deal amount", "opportunity amount"),
        "owner": (
            "owner", "owner email", "lead owner", "contact owner", "account owner", "assigned to", "verantwortlich",
            "zuständig", "betreuer", "responsable", "propietario",
        ),
    },
    Kind.COMPANIES: {
        "company_id": (*_COMPANY_ID, "id", "record id"),
        "name": ("name", *_COMPANY, "property name"),
        "domain": _DOMAIN,
    },
    Kind.EVENTS: {
        "event_id": (
            "event id", "id", "message id", "uuid", "insert id", "usage id", "event uuid", "$insert id", "eventid",
        ),
        "email": _EMAIL,
        "user_id": _USER_ID,
        "anonymous_id": _ANONYMOUS_ID,
        "company_domain": _DOMAIN,
        "company_id": _COMPANY_ID,
        "event": (
            "event", "event name", "event type", "action", "activity", "event text", "ereignis", "aktion", "evento",
            "acción",
        ),
        "key": ("key", "event key", "feature", "feature name", "feature key", "integration", "integration name"),
        "quantity": (
            "quantity", "qty", "count", "usage count", "event count", "records", "rows", "anzahl", "menge",
            "cantidad",
        ),
        "occurred_at": (
            "occurred at", "timestamp", "event time", "event timestamp", "event at", "event date", "time",
            "date time", "datetime", "original timestamp", "derived tstamp", "date", "usage date", "ts",
            "created at", "zeitpunkt", "zeitstempel", "datum", "fecha y hora", "fecha", "marca de tiempo",
        ),
        "received_at": _RECEIVED,
        "properties": ("properties", "event properties"),
    },
    Kind.TRIALS: {
        "trial_id": ("trial id", "subscription id"),
        "email": _EMAIL,
        "user_id": _USER_ID,
        "anonymous_id": _ANONYMOUS_ID,
        "company_id": _COMPANY_ID,
        "company": _COMPANY,
        "domain": _DOMAIN,
        "plan": _PLAN,
        "starts_at": (
            "starts at", "start at", "start date", "started at", "trial start", "trial start date", "trial starts at",
            "trial started at", "starts on", "start", "startdatum", "beginn", "beginnt am", "fecha de inicio", "inicio",
        ),
        "ends_at": (
            "ends at", "end at", "end date", "trial end", "trial end date", "trial ends at", "trial ends on",
            "trial ended at", "expires at", "expiry date", "expiration date", "ends on", "end", "enddatum", "ende",
            "endet am", "läuft ab am", "fecha de fin", "fin", "vence el",
        ),
        "state": ("state", "status", "trial state", "trial status", "estado"),
        "converted_at": ("converted at", "conversion date", "converted on", "converted date"),
        "received_at": _RECEIVED,
    },
}  # fmt: skip

#: One of these must be in a file, and in each of its rows.
IDENTIFYING: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.LEADS: ("email", "user_id", "anonymous_id"),
    Kind.COMPANIES: ("company_id", "domain"),
    Kind.EVENTS: ("email", "user_id", "anonymous_id", "company_domain", "company_id"),
    Kind.TRIALS: ("email", "user_id", "anonymous_id", "domain", "company_id"),
}
REQUIRED: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.LEADS: (),
    Kind.COMPANIES: (),
    Kind.EVENTS: ("event", "occurred_at"),
    Kind.TRIALS: (),
}

#: One of these must be in a file of trials: who had one alone says nothing of it.
OF_A_TRIAL: Final = ("plan", "starts_at", "ends_at", "state", "converted_at", "trial_id")

#: Our own export of leads, told by lead_id and band: what is read back from it. The rest is computed anew.
EXPORT_FIELDS: Final = {
    "lead_id": "lead_id",
    "name": "name",
    "email": "email",
    "company": "company",
    "domain": "domain",
    "owner": "owner",
    "state": "lead_state",
    "source": "source",
    "user_ids": "user_ids",
    "outcome": "outcome",
    "outcome_at": "outcome_at",
}
EXPORT_ONLY: Final = ("lead_id", "lead_state", "user_ids")
#: What the record system calls "created" need not be the sign-up: with one of these the file is a CRM's.
CRM_COLUMNS: Final = frozenset(
    [
        "leadstatus",
        "leadowner",
        "contactowner",
        "lifecyclestage",
        "recordid",
        "contactid",
        "leadid",
        "propertyhsobjectid",
    ]
)


def folded(name: str) -> str:
    """A column name without case, accents of form, blanks and signs."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())
