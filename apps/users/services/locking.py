"""The lock under which a person's row is changed."""

from __future__ import annotations

from apps.common.errors import NotFoundError
from apps.users.models import User


def lock_user(user_id: int) -> User:
    """Return the person's row locked FOR NO KEY UPDATE; NotFoundError when there is none.

    Plain FOR UPDATE would block every insert that refers to the person.
    """
    user: User | None = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise NotFoundError
    return user
