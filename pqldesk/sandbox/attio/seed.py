"""What a fresh workspace holds: standard objects, PQLDesk's custom fields and lists, statuses, members."""

from collections.abc import Iterable

from pqldesk.sandbox.attio.world import SYSTEM, Attribute, Choice, Member, Switches, Target, Token, World
from pqldesk.sandbox.clock import Clock

FOUNDED = "2026-01-05T09:00:00.000000000Z"
DEFAULT_SECRET = "sandbox-attio-token"  # noqa: S105  opens a sandbox on loopback only

SCOPES = (
    "user_management:read", "object_configuration:read-write", "list_configuration:read-write",
    "record_permission:read-write", "list_entry:read-write", "note:read-write", "task:read-write",
)  # fmt: skip

# slug, title, type, flags: m multi, u unique, r required, c computed or read-only
Row = tuple[str, str, str, str]
SOCIAL: tuple[Row, ...] = tuple(
    (slug, slug.title(), "text", "") for slug in ("linkedin", "twitter", "facebook", "instagram", "angellist")
)
PEOPLE: tuple[Row, ...] = (
    ("email_addresses", "Email addresses", "email-address", "mu"),
    ("name", "Name", "personal-name", ""),
    ("company", "Company", "record-reference", ""),
    ("job_title", "Job title", "text", ""),
    ("description", "Description", "text", ""),
    ("phone_numbers", "Phone numbers", "phone-number", "m"),
    ("primary_location", "Primary location", "location", ""),
    *SOCIAL,
    ("avatar_url", "Avatar URL", "text", "c"),
    ("associated_deals", "Associated deals", "record-reference", "mc"),
)
COMPANIES: tuple[Row, ...] = (
    ("domains", "Domains", "domain", "mu"),
    ("name", "Name", "text", ""),
    ("description", "Description", "text", ""),
    ("team", "Team", "record-reference", "mc"),
    ("categories", "Categories", "select", "m"),
    ("primary_location", "Primary location", "location", ""),
    ("employee_range", "Employee range", "select", ""),
    ("estimated_arr_usd", "Estimated ARR", "select", ""),
    ("foundation_date", "Foundation date", "date", ""),
    *SOCIAL,
    ("logo_url", "Logo URL", "text", "c"),
    ("associated_deals", "Associated deals", "record-reference", "mc"),
)
DEALS: tuple[Row, ...] = (
    ("name", "Deal name", "text", "r"),
    ("stage", "Deal stage", "status", "r"),
    ("owner", "Deal owner", "actor-reference", "r"),
    ("value", "Deal value", "currency", ""),
    ("associated_people", "Associated people", "record-reference", "m"),
    ("associated_company", "Associated company", "record-reference", ""),
)
OBJECTS = {
    "people": ("Person", "People", PEOPLE),
    "companies": ("Company", "Companies", COMPANIES),
    "deals": ("Deal", "Deals", DEALS),
}
REFERENCES = {
    "people.company": ("companies", None),
    "people.associated_deals": ("deals", "deals.associated_people"),
    "companies.team": ("people", "people.company"),
    "companies.associated_deals": ("deals", "deals.associated_company"),
    "deals.associated_people": ("people", None),
    "deals.associated_company": ("companies", None),
}
CUSTOM: dict[str, tuple[Row, ...]] = {
    "people": (
        ("pql_score", "PQL score", "number", ""),
        ("activation_score", "Activation score", "number", ""),
        ("pql_state", "PQL state", "select", ""),
        ("signup_date", "Signup date", "date", ""),
        ("signup_source", "Signup source", "select", ""),
        ("plan_type", "Plan type", "select", ""),
        ("last_activity_at", "Last activity", "timestamp", ""),
        ("features_activated", "Features activated", "number", ""),
        ("milestones_completed", "Milestones completed", "select", "m"),
    ),
    "deals": (("pqldesk_id", "PQLDesk ID", "text", "u"),),
}
LISTS: dict[str, tuple[str, tuple[Row, ...]]] = {
    "active_trials": ("Active trials", ()),
    "pql_queue": (
        "PQL queue",
        (
            ("stage", "Stage", "status", ""),
            ("score", "Score", "number", ""),
            ("claimed_by", "Claimed by", "actor-reference", ""),
            ("claimed_at", "Claimed at", "timestamp", ""),
        ),
    ),
}
CHOICES = {
    "deals.stage": ("Lead", "In Progress", "Won 🎉", "Lost"),
    "pql_queue.stage": ("New", "Claimed", "Working", "Handed off", "Done"),
    "people.pql_state": (
        "New", "Qualified", "Claimed", "Working", "Handed off", "Won", "Lost", "Disqualified", "Snoozed", "Nurture",
    ),
    "people.signup_source": (
        "Organic", "Direct", "Referral", "Invite", "Paid", "Content", "Product Hunt", "Partner", "Event", "Other",
    ),
    "people.plan_type": ("Free", "Trial", "Basic", "Pro", "Enterprise"),
    "people.milestones_completed": (
        "signed_up", "first_login", "first_feature", "invited_teammate", "first_integration", "imported_data",
    ),
    "companies.categories": ("SaaS", "B2B", "E-commerce", "Finance", "Health"),
    "companies.employee_range": ("1-10", "11-50", "51-250", "251-1K", "1K-5K", "5K-10K", "10K-50K", "50K-100K"),
    "companies.estimated_arr_usd": ("<$1M", "$1M-$10M", "$10M-$50M", "$50M-$100M", "$100M-$250M"),
}  # fmt: skip
CUSTOM_STAGES = ("Product Qualified", "Sales Qualified")
MEMBERS = (
    ("Ines", "Duarte", "ines@northquay.example", "admin"),
    ("Dana", "Kim", "dana@northquay.example", "member"),
    ("Omar", "Haddad", "omar@northquay.example", "suspended"),
)


def seeded(clock: Clock, secrets: dict[str, str], switches: Switches, *, bare: bool = False) -> World:
    """The workspace Northquay; *bare* without PQLDesk's fields, lists and stages. *secrets*: token name -> secret."""
    world = World(clock, switches=switches)
    world.workspace_id = world.new_id()
    for first, last, address, level in MEMBERS:
        world.members.append(Member(world.new_id(), first, last, address, level, FOUNDED))
    for slug, (singular, plural, rows) in OBJECTS.items():
        target = Target("objects", world.new_id(), slug, plural, singular, FOUNDED)
        world.objects[slug] = target
        target.attributes = system_attributes(world, target)
        _add(world, target, rows, system=True)
        _add(world, target, () if bare else CUSTOM.get(slug, ()))
    if not bare:
        stage = world.objects["deals"].attributes["stage"]
        stage.choices += [Choice(world.new_id(), title) for title in CUSTOM_STAGES]
        for slug, (name, rows) in LISTS.items():
            target = Target("lists", world.new_id(), slug, name, "Entry", FOUNDED, parent_object="people")
            target.created_by = dict(SYSTEM)
            world.lists[slug] = target
            target.attributes = system_attributes(world, target)
            _add(world, target, rows)
    for name, secret in secrets.items():
        world.tokens[secret] = Token(world.new_id(), name, secret, list(SCOPES), issued_at=int(clock.time()))
    return world


def system_attributes(world: World, target: Target) -> dict[str, Attribute]:
    """The computed attributes every object or list has."""
    own = ("record_id", "Record ID", "text") if target.kind == "objects" else ("entry_id", "Entry ID", "text")
    rows = [own, ("created_at", "Created at", "timestamp"), ("created_by", "Created by", "actor-reference")]
    if target.kind == "lists":
        rows.append(("parent_record", "Parent record", "record-reference"))
    return {
        slug: Attribute(
            world.new_id(), slug, title, kind, target.created_at,
            is_system=True, is_writable=False, computed="record_id" if slug == "entry_id" else slug,
        )
        for slug, title, kind in rows
    }  # fmt: skip


def _add(world: World, target: Target, rows: Iterable[Row], *, system: bool = False) -> None:
    for slug, title, kind, flags in rows:
        place = f"{target.api_slug}.{slug}"
        pointed, inverse = REFERENCES.get(place, (None, None))
        target.attributes[slug] = Attribute(
            world.new_id(), slug, title, kind, FOUNDED,
            is_system=system, is_writable="c" not in flags, is_required="r" in flags, is_unique="u" in flags,
            is_multiselect="m" in flags, allowed_objects=[pointed] if pointed else [],
            currency_code="USD" if kind == "currency" else None,
            currency_display="symbol" if kind == "currency" else None,
            computed=f"inverse:{inverse}" if inverse else None,
        )  # fmt: skip
        for chosen in CHOICES.get(place, ()):
            choice = Choice(world.new_id(), chosen, celebration_enabled=chosen.startswith("Won"))
            target.attributes[slug].choices.append(choice)
