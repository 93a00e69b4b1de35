from django.db import migrations

from songbai.core.signing import asking_for_scope


class Migration(migrations.Migration):

    dependencies = [("accounts", "0005_signed"), ("assessments", "0001_initial")]
    operations = [asking_for_scope("assessments_follow_register")]
