"""What this app announces to higher ones, inside the transaction in which it happens."""

from __future__ import annotations

from datetime import datetime

from apps.common.announcements import Announcement
from apps.users.models import User

# Somebody registered.
account_opened = Announcement[[User]]("account_opened")

# Somebody logged in; the account may have been made by any door (`createsuperuser`, the admin).
session_opened = Announcement[[User]]("session_opened")

# All of the person's API tokens have to end: the password was reset, the account was switched off, or they said so.
tokens_ending = Announcement[[User]]("tokens_ending")

# An account was switched off.
account_deactivated = Announcement[[User]]("account_deactivated")

# What is kept for a time is deleted where that is over; the instant is the database's.
purging = Announcement[[datetime]]("purging")

# An account is about to end. A listener that cannot let go raises ConflictError.
account_closing = Announcement[[User]]("account_closing")
