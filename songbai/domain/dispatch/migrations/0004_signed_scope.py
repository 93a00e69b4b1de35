from django.db import migrations

from songbai.core.signing import asking_for_scope


class Migration(migrations.Migration):

    dependencies = [("accounts", "0005_signed"), ("dispatch", "0003_ways_back")]
    operations = [asking_for_scope("dispatch_own_shift", "dispatch_own_shifts")]
