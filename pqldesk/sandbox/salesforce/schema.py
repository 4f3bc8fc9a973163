"""Objects and fields of a fresh org, and how ``describe`` shows them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

TEXT = ("string", "textarea", "url", "phone", "email", "picklist", "multipicklist", "id", "reference")
STAGES = ("Prospecting", "Product Qualified", "Sales Qualified", "Negotiation", "Closed Won", "Closed Lost")
STATES = [
    "New",
    "Qualified",
    "Claimed",
    "Working",
    "Handed_off",
    "Won",
    "Lost",
    "Disqualified",
    "Snoozed",
    "Nurture",
]
MILESTONES = (
    ["signed_up", "first_login", "first_feature", "invited_teammate", "first_integration", "imported_data"]
)  # fmt: skip
PICKLISTS = {
    "Status": ("Open - Not Contacted", "Working - Contacted", "Closed - Converted"),
    "LeadSource": ("Web", "Product", "Partner", "Other"),
    "StageName": STAGES,
    "Task.Status": ("Not Started", "In Progress", "Completed"),
    "Priority": ("High", "Normal", "Low"),
    "CampaignMember.Status": ("Sent", "Responded"),
    "Role": ("Decision Maker", "Evaluator", "Other"),
    "PQL_State__c": tuple(state.replace("_", " ") for state in STATES),
    "Milestones_Completed__c": tuple(MILESTONES),
    "ShareType": ("V", "C", "I"),
    "Visibility": ("AllUsers", "InternalUsers"),
}
DEFAULTS = {
    "Lead.Status": "Open - Not Contacted",
    "Task.Status": "Not Started",
    "Task.Priority": "Normal",
    "CampaignMember.Status": "Sent",
    "Lead.IsConverted": False,
    "Opportunity.IsClosed": False,
    "Opportunity.IsWon": False,
    "Task.IsReminderSet": False,
    "Task.IsClosed": False,
    "OpportunityContactRole.IsPrimary": False,
    "ContentDocumentLink.Visibility": "AllUsers",
}
_PERSON = "Phone:phone:40 Title:string:128 LeadSource:picklist Description:textarea:32000:n Email:email:80"
_CUSTOM = (
    "PQL_Score__c:double Activation_Score__c:double PQL_State__c:picklist::p Signup_Date__c:date"
    " Signup_Source__c:string:80 Plan_Type__c:string:80 Last_Activity_At__c:datetime Features_Activated__c:double"
    " Milestones_Completed__c:multipicklist PQLDesk_Id__c:string:64:u"
)
# name:type:length:flags; r required, c cannot be written, n cannot be filtered, u unique external id, p restricted
OBJECTS: dict[str, tuple[str, str]] = {
    "Lead": (
        "00Q",
        "MasterRecordId:reference::c "
        f"FirstName:string:40 LastName:string:80:r Company:string:255:r Website:url:255 Country:string:80"
        f" NumberOfEmployees:int Status:picklist::p OwnerId:reference IsConverted:boolean::c"
        f" ConvertedContactId:reference::c ConvertedAccountId:reference::c {_PERSON} {_CUSTOM}",
    ),
    "Contact": (
        "003",
        "MasterRecordId:reference::c "
        f"FirstName:string:40 LastName:string:80:r AccountId:reference OwnerId:reference {_PERSON} {_CUSTOM}",
    ),
    "Account": (
        "001",
        "MasterRecordId:reference::c "
        "Name:string:255:r Website:url:255 Phone:phone:40 NumberOfEmployees:int OwnerId:reference"
        " PQLDesk_Id__c:string:64:u",
    ),
    "Opportunity": (
        "006",
        "Name:string:120:r StageName:picklist::rp CloseDate:date::r AccountId:reference Amount:currency"
        " OwnerId:reference IsClosed:boolean::c IsWon:boolean::c Description:textarea:32000:n"
        " PQLDesk_Id__c:string:64:u",
    ),
    "OpportunityContactRole": (
        "00K",
        "OpportunityId:reference::r ContactId:reference::r Role:picklist IsPrimary:boolean",
    ),
    "Task": (
        "00T",
        "Subject:string:255 Status:picklist::p Priority:picklist::p ActivityDate:date WhoId:reference"
        " WhatId:reference OwnerId:reference Description:textarea:32000:n IsReminderSet:boolean"
        " ReminderDateTime:datetime IsClosed:boolean::c CompletedDateTime:datetime::c",
    ),
    "ContentNote": ("069", "Title:string:255:r Content:base64::n"),
    "ContentDocumentLink": (
        "06A",
        "ContentDocumentId:reference::r LinkedEntityId:reference::r ShareType:picklist::p Visibility:picklist::p",
    ),
    "Note": ("002", "ParentId:reference::r Title:string:80:r Body:textarea:32000:n"),
    "Campaign": ("701", "Name:string:80:r IsActive:boolean"),
    "CampaignMember": (
        "00v",
        "CampaignId:reference::r LeadId:reference ContactId:reference Status:picklist::p",
    ),
    "User": ("005", "Name:string:121:c Email:email:128:c IsActive:boolean::c UserType:picklist::c"),
    "Organization": ("00D", "Name:string:80:c"),
}
EVERYWHERE = (
    "Id:id:18:c CreatedDate:datetime::c LastModifiedDate:datetime::c SystemModstamp:datetime::c"
    " IsDeleted:boolean::c"
)


@dataclass(slots=True)
class Field:
    """One field as ``describe`` tells of it."""

    name: str
    type: str
    label: str
    length: int = 0
    required: bool = False
    writable: bool = True
    filterable: bool = True
    unique: bool = False
    restricted: bool = False
    options: list[str] = field(default_factory=list)
    default: Any = None


@dataclass(slots=True)
class Thing:
    """One object: how its ids begin, and its fields."""

    name: str
    prefix: str
    fields: dict[str, Field]


def things(*, custom: bool = True) -> dict[str, Thing]:
    """Every object of a fresh org; without the fields made for PQLDesk when not *custom*."""
    return {
        name: Thing(name, prefix, _fields(name, f"{EVERYWHERE} {rows}", custom=custom))
        for name, (prefix, rows) in OBJECTS.items()
    }


def _fields(owner: str, rows: str, *, custom: bool) -> dict[str, Field]:
    found = {}
    for row in rows.split():
        name, kind, length, flags = (*row.split(":"), "", "")[:4]
        if name.endswith("__c") and not custom:
            continue
        found[name] = Field(
            name,
            kind,
            _label(name),
            int(length or 0),
            "r" in flags,
            "c" not in flags,
            "n" not in flags,
            "u" in flags,
            "p" in flags,
            list(PICKLISTS.get(f"{owner}.{name}", PICKLISTS.get(name, ()))),
            False if name == "IsDeleted" else DEFAULTS.get(f"{owner}.{name}"),
        )
    return found


def _label(name: str) -> str:
    """``PQL_Score__c`` -> ``PQL Score``, ``StageName`` -> ``Stage Name``."""
    if name.endswith("__c"):
        return name.removesuffix("__c").replace("_", " ")
    return "".join(f" {c}" if c.isupper() and i else c for i, c in enumerate(name))


def described(thing: Thing) -> dict[str, Any]:
    """The answer to ``describe``."""
    return {
        "name": thing.name,
        "keyPrefix": thing.prefix,
        "createable": True,
        "updateable": True,
        "fields": list(_described(thing.fields.values())),
    }


def _described(fields: Iterable[Field]) -> Iterable[dict[str, Any]]:
    for each in fields:
        yield {
            "name": each.name,
            "label": each.label,
            "type": each.type,
            "custom": each.name.endswith("__c"),
            "length": each.length,
            "createable": each.writable,
            "updateable": each.writable,
            "nillable": not each.required,
            "defaultedOnCreate": each.default is not None,
            "externalId": each.unique,
            "idLookup": each.unique or each.name == "Id",
            "unique": each.unique,
            "filterable": each.filterable,
            "restrictedPicklist": each.restricted,
            "picklistValues": [
                {"value": value, "label": value, "active": True, "defaultValue": value == each.default}
                for value in each.options
            ],
        }
