"""E-mail addresses in the one form in which they are stored, compared and written to.

The domain is in ASCII and small letters: IDNA 2008 with the mapping of UTS 46, not transitional. So
`straße.example` is `xn--strae-oqa.example` and never `strasse.example`, which may belong to somebody
else, and `bücher.example` is the same domain as `xn--bcher-kva.example`.
"""

from __future__ import annotations

import unicodedata
from email.utils import parseaddr
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models

if TYPE_CHECKING:
    Column = models.EmailField[str, str]
else:  # at run time it takes no parameters
    Column = models.EmailField

MAX_LENGTH = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
ADDRESSES = 4_096  # that a process knows in their normal form


class BadAddressError(ValueError):
    """The text is no address that mail can be sent to."""


@lru_cache(maxsize=ADDRESSES)
def normal_address(text: str) -> str:
    """Return the one address in `text` (no list, no display name) in its normal form.

    The part before the @ keeps its capitals; look-alike code points become plain letters (NFKC).
    Raises BadAddressError for what is no address, and for a domain that IDNA 2008 does not allow.
    """
    local, _, domain = text.rpartition("@")
    address = f"{unicodedata.normalize('NFKC', local)}@{ascii_domain(domain)}"
    try:
        validate_email(address)
    except ValidationError:
        raise BadAddressError(text) from None
    is_plain = address.isascii() and address.isprintable()  # quoted parts could hold control characters
    if not is_plain or len(address) > MAX_LENGTH or parseaddr(address)[1] != address:
        raise BadAddressError(text)
    return address


def ascii_domain(domain: str) -> str:
    """Return a domain in ASCII and small letters; BadAddressError for one with a label that IDNA does not allow."""
    domain = domain.lower() if domain.isascii() else domain
    if domain.isascii() and "xn--" not in domain:
        return domain
    try:
        return idna.encode(domain, uts46=True, std3_rules=True, transitional=False).decode()
    except (idna.IDNAError, UnicodeError):
        raise BadAddressError(domain) from None


def readable_address(address: str) -> str:
    """Return an address in normal form with its domain in the letters that people read."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):
        return address


def comparable_address(text: str) -> str:
    """Return the normal form of an address, and any other text as it is: for look-ups, where it matches nobody."""
    try:
        return normal_address(text) if "@" in text else text
    except BadAddressError:
        return text


def validate_address(value: str) -> None:
    """Reject what is no address that mail can be sent to (a validator of Django)."""
    try:
        normal_address(value)
    except BadAddressError:
        raise ValidationError("Enter a valid email address.", code="invalid") from None


class AddressFormField(forms.EmailField):
    """An address in a form of a page; cleaned into its normal form."""

    default_validators = [validate_address]

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return comparable_address(text) if isinstance(text, str) else text


class AddressField(Column):
    """A column of addresses: whatever writes or looks it up, it holds the normal form."""

    default_validators = [validate_address]

    def deconstruct(self) -> Any:
        # To migrations it is what it is to the database.
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.EmailField", args, options

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return comparable_address(text) if isinstance(text, str) else text

    def get_prep_value(self, value: Any) -> Any:
        return self.to_python(super().get_prep_value(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.to_python(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**({"form_class": AddressFormField} | options))
