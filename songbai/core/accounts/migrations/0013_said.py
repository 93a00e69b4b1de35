from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_made_by_whom")]
    operations = [
        migrations.AlterField(
            "numberdoubt",
            "why",
            models.CharField(
                choices=[
                    ("unused", "Unused"),
                    ("said", "Said"),
                    ("name", "Name"),
                    ("carrier", "Carrier"),
                    ("died", "Died"),
                ],
                max_length=8,
            ),
        ),
    ]
