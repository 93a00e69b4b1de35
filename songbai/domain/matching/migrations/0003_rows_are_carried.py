import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matching", "0002_roots")]

    operations = [
        migrations.RenameField("carried", "facts", "rows"),
        migrations.AlterField(
            "carried",
            "rows",
            django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None),
        ),
        migrations.AddField(
            "carried",
            "table",
            models.CharField(default="elders_fact", max_length=63),
            preserve_default=False,
        ),
    ]
