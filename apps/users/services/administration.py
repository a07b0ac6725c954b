"""What only administrators do to accounts."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from apps.common.errors import ForbiddenError
from apps.common.transactions import write
from apps.users.models import User
from apps.users.services.credentials import require_good_password
from apps.users.services.locking import lock_user


@write
def set_privileges(
    *,
    actor: User,
    user: User,
    is_staff: bool,
    is_superuser: bool,
    groups: Iterable[Group] = (),
    permissions: Iterable[Permission] = (),
) -> None:
    """Say what an account may do in the admin; ForbiddenError unless the actor is a superuser."""
    if not actor.is_superuser:
        raise ForbiddenError
    locked = lock_user(user.pk)
    locked.is_staff, locked.is_superuser = is_staff, is_superuser
    locked.updated_at = timezone.now()
    locked.save(update_fields=["is_staff", "is_superuser", "updated_at"])
    locked.groups.set(groups)
    locked.user_permissions.set(permissions)


@write
def ensure_administrator(*, username: str, email: str, password: str) -> tuple[User, bool]:
    """Create a superuser of this name unless there is one; return the account and whether it is new.

    An account that exists is left as it is: its password is its owner's. ValidationError (ours or
    Django's) for a bad name, an address that is taken or a weak password.
    """
    existing: User | None = User.objects.with_username(username).first()
    if existing is not None:
        return existing, False
    user = User(username=username, email=email)
    user.clean_fields(exclude=["password"])
    user.validate_constraints()
    require_good_password(password, user=user, pointer="/password")
    return User.objects.create_superuser(username, email, password), True
