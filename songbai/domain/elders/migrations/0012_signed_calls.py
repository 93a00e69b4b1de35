from django.db import migrations

from songbai.core.signing import only_signed


class Migration(migrations.Migration):
    """Facts go to whom, and end when, an action of the program says so."""

    dependencies = [("accounts", "0008_signed_calls"), ("elders", "0011_anothers_account")]
    operations = [only_signed("elders_reassign_facts", "elders_end_current", "elders_acts_for_more")]
