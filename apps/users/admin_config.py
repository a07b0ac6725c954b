"""Makes the admin use this project's site."""

from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    """Django's admin with the login that counts failures."""

    default_site = "apps.users.admin_site.Site"
