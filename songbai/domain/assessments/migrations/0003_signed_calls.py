from django.db import migrations

from songbai.core.signing import only_signed


class Migration(migrations.Migration):
    """An account begins and ends to act as an assessor by the register's actions alone."""

    dependencies = [("accounts", "0008_signed_calls"), ("assessments", "0002_signed_scope")]
    operations = [only_signed("assessments_follow_register")]
