"""Write the addresses that are stored into their normal form: domains by IDNA 2008, in ASCII and small letters.

Two accounts may turn out to have one mailbox, `bücher.example` and `xn--bcher-kva.example`: then the
one that is not in normal form stays as it is and is named, by its id. `doctor` names it again.
"""

import logging

from django.db import migrations
from django.db.models import Q

from apps.common.text.mail_addresses import comparable_address

logger = logging.getLogger(__name__)

NOT_NORMAL = r"[^ -~]|@.*[A-Z]"


def normalize(apps, schema_editor):
    User = apps.get_model("users", "User")
    people = User.objects.filter(Q(email__regex=NOT_NORMAL) | Q(pending_email__regex=NOT_NORMAL)).order_by("pk")
    for pk, email, pending in people.values_list("pk", "email", "pending_email"):
        if (wanted := comparable_address(pending)) != pending:
            User.objects.filter(pk=pk, pending_email=pending).update(pending_email=wanted)
        if (wanted := comparable_address(email)) == email:
            continue
        other = User.objects.filter(email__iexact=wanted).exclude(pk=pk).values_list("pk", flat=True).first()
        if other is None:
            User.objects.filter(pk=pk, email=email).update(email=wanted)
        else:
            logger.warning("Account %s keeps its address as it is: account %s has the same mailbox.", pk, other)


class Migration(migrations.Migration):

    dependencies = [
        ('users', '0003_taken_messages'),
    ]

    operations = [
        migrations.RunPython(normalize, migrations.RunPython.noop),
    ]
