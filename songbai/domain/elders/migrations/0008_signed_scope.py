from django.db import migrations

from songbai.core.signing import asking_for_scope


class Migration(migrations.Migration):

    dependencies = [("accounts", "0005_signed"), ("elders", "0007_ways_back")]
    operations = [asking_for_scope("elders_reassign_facts", "elders_end_current")]
