"""App configuration."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "apps.tokens"
    label = "tokens"

    def ready(self) -> None:
        from apps.projects.erasure import registry
        from apps.projects.token_names import register_token_names
        from apps.tokens import messages, monitoring, schema, services  # noqa: F401 - they register themselves
        from apps.tokens.models import ApiTokenProject
        from apps.tokens.reading import names_of
        from apps.users.announcements import account_closing, tokens_ending

        registry.delete_with(ApiTokenProject, project=["project_id"])
        tokens_ending.listen(services.revoke_tokens_of)
        account_closing.listen(services.delete_tokens_of)
        register_token_names(names_of)
