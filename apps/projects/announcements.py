"""What this app announces to higher ones, inside the transaction in which it happens."""

from __future__ import annotations

from apps.common.announcements import Announcement
from apps.projects.models import Project
from apps.users.models import User

# (project, who left, who did it): the project's row is locked, the membership still stands.
member_leaving = Announcement[[Project, User, User]]("member_leaving")

# (project, whose, new role): the project's row is locked.
member_role_changed = Announcement[[Project, User, str]]("member_role_changed")

# The project's row is locked and will be gone with its tasks.
project_deleting = Announcement[[Project]]("project_deleting")
