from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("feeds", "0005_nonces_are_signed")]
    operations = [
        migrations.AddField(
            "unmatchedrow", "taken_back", models.BooleanField(default=False, db_default=False)
        )
    ]
