"""App configuration."""

from django.apps import AppConfig


class InvitationsConfig(AppConfig):
    name = "apps.invitations"
    label = "invitations"

    def ready(self) -> None:
        """Fill the registries of the apps below."""
        from apps.invitations import messages, services  # noqa: F401 - the kind registers itself
        from apps.invitations.models import Invitation
        from apps.projects.announcements import member_leaving, member_role_changed
        from apps.projects.erasure import registry
        from apps.users import announcements
        from apps.users.services.admission import set_finder

        registry.delete_with(Invitation, project=["project_id"])
        set_finder(services.admission_by)
        member_leaving.listen(services.revoke_of_leaving)
        member_role_changed.listen(services.revoke_of_demoted)
        announcements.account_deactivated.listen(services.revoke_of_account)
        announcements.account_closing.listen(services.forget_account)
        announcements.purging.listen(services.purge)
