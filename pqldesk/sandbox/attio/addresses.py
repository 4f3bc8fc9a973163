"""Reading e-mail addresses, domains and phone numbers the way the CRM stores them."""

import re

EMAIL = re.compile(
    r"^[^\s@<>(),;:\"\[\]\\]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$", re.I
)
DOMAIN = re.compile(r"^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$", re.I)

SECOND_LEVEL = frozenset(
    f"{second}.{top}"
    for top, seconds in {
        "uk": "co org ac gov ltd plc", "au": "com net org edu gov", "nz": "co org net ac govt", "jp": "co ne or ac go",
        "br": "com net org gov", "za": "co org net ac", "in": "co net org ac", "kr": "co or ac", "mx": "com org",
        "tr": "com org net", "il": "co org ac", "sg": "com edu", "cn": "com net org", "hk": "com org",
    }.items()
    for second in seconds.split()
)  # fmt: skip
"""The common two-part public suffixes; the whole list would need a package a double should not need."""

FREE_MAIL = frozenset({
    "163.com", "aol.com", "fastmail.com", "freemail.example", "gmail.com", "gmx.com", "gmx.de", "gmx.net",
    "googlemail.com", "hey.com", "hotmail.com", "icloud.com", "live.com", "mac.com", "mail.com", "mail.ru",
    "me.com", "msn.com", "outlook.com", "proton.me", "protonmail.com", "qq.com", "web.de", "yahoo.com",
    "yandex.com", "yandex.ru", "ymail.com", "zoho.com",
})  # fmt: skip

DIALLING = {
    "1": "US", "7": "RU", "27": "ZA", "31": "NL", "32": "BE", "33": "FR", "34": "ES", "39": "IT", "41": "CH",
    "43": "AT", "44": "GB", "45": "DK", "46": "SE", "47": "NO", "48": "PL", "49": "DE", "55": "BR", "61": "AU",
    "64": "NZ", "81": "JP", "82": "KR", "86": "CN", "91": "IN", "351": "PT", "353": "IE", "358": "FI",
}  # fmt: skip


def root_domain(domain: str) -> str:
    """The registrable part: ``mail.northquay.co.uk`` -> ``northquay.co.uk``."""
    parts = domain.split(".")
    keep = 3 if ".".join(parts[-2:]) in SECOND_LEVEL else 2
    return ".".join(parts[-keep:])


def email_fields(address: str) -> dict[str, str]:
    """What is stored for an address; ValueError if it is malformed."""
    trimmed = address.strip()
    if not EMAIL.match(trimmed):
        raise ValueError(f"{address!r} is not a valid email address")
    lowered = trimmed.lower()
    local, _, domain = lowered.rpartition("@")
    return {
        "original_email_address": trimmed,
        "email_address": lowered,
        "email_domain": domain,
        "email_root_domain": root_domain(domain),
        "email_local_specifier": local,
    }


def domain_fields(text: str) -> dict[str, str]:
    """What is stored for a domain or the host of a URL; ValueError if it is malformed."""
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text.strip().lower())
    host = re.split(r"[/?#:]", host, maxsplit=1)[0]
    if not DOMAIN.match(host):
        raise ValueError(f"{text!r} is not a valid domain")
    return {"domain": host, "root_domain": root_domain(host)}


def phone_fields(original: str, country: str | None) -> dict[str, str | None]:
    """What is stored for a phone number, E.164 included; ValueError if it cannot be one."""
    digits = re.sub(r"[\s().-]", "", original)
    if country and not digits.startswith("+"):
        code = next((code for code, name in DIALLING.items() if name == country.upper()), None)
        if code is None:
            raise ValueError(f"{country!r} is not a known country code")
        digits = f"+{code}{digits.removeprefix('0')}"
    if not re.fullmatch(r"\+[1-9]\d{6,14}", digits):
        raise ValueError(f"{original!r} is not a valid phone number")
    codes = (digits[1 : 1 + length] for length in (3, 2, 1))
    found = country.upper() if country else next((DIALLING[code] for code in codes if code in DIALLING), None)
    return {"phone_number": digits, "original_phone_number": original, "country_code": found}
