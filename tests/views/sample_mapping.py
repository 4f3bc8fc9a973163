"""A mapping for the sample desk: a CRM with 200 fields of a person, one renamed stage, one proposal."""

from pqldesk.services.crm.mapping_rows import MappingShown, OurThing, TheirThing

SCORE = TheirThing("pql_score", "PQL score", "number", used_by=("person.pql_score",))
LEAD_SOURCE = TheirThing("lead_source", "Lead source", "select", options=("Web", "Event"))
EMAIL = TheirThing("email_addresses", "E-mail addresses", "email", required=True, unique=True)
REGION = TheirThing("region", "Region", "select", required=True)
MANY = tuple(TheirThing(f"custom_{n:03}", f"Custom field {n:03}", "text") for n in range(1, 197))
BOTH = {"free": "both", "claimed": "both", "sales": "crm"}
STAGES = ("Lead", "Product Qualified", "Sales accepted", "Won")


def mapping_shown() -> MappingShown:
    refused = {
        "email_addresses": "email_addresses is email, not select or text",
        "pql_score": "pql_score is number, not select or text",
    }
    qualified = TheirThing("Product Qualified", "Product Qualified", "stage")
    stage = TheirThing("Sales Qualified", "Sales Qualified", "stage")
    ours = (
        OurThing("person.job_title", "open", False, None, "no such field", None, ("text",), {}, BOTH, True),
        OurThing("person.pql_score", "mapped", False, SCORE, "", None, ("number", "rating"), {},
                 {"free": "pqldesk", "claimed": "pqldesk", "sales": "pqldesk"}),
        OurThing("person.signup_source", "open", False, None, "no such field", LEAD_SOURCE, ("select", "text"), refused,
                 {"free": "pqldesk", "claimed": "pqldesk", "sales": "pqldesk"}, True),
        OurThing("person.plan_type", "left_out", False, None, "left out", None, ("select", "text"), refused),
        OurThing("deal.value", "mapped", True, TheirThing("amount", "Amount", "currency", used_by=("deal.value",)), "",
                 None, ("currency",), {}, {"free": "both", "claimed": "both", "sales": "both"}),
        OurThing("stage.product_qualified", "mapped", False, qualified, "", None, ()),
        OurThing("stage.sales_qualified", "gone", False, stage, "no stage “Sales Qualified” any more",
                 TheirThing("Sales accepted", "Sales accepted", "stage"), ()),
        OurThing("list.pql", "open", False, None, "no such list", None, (), {}, None, True),
    )  # fmt: skip
    theirs = {
        "person": (EMAIL, SCORE, LEAD_SOURCE, REGION, *MANY),
        "deal": (TheirThing("amount", "Amount", "currency", used_by=("deal.value",)),),
        "stage": tuple(TheirThing(name, name, "stage") for name in STAGES),
        "list": (),
    }
    return MappingShown("attio", "Attio", ours, theirs, (("person", REGION),))
