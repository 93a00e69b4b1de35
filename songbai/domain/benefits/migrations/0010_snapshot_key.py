from django.db import migrations, models


class Migration(migrations.Migration):
    """Files of snapshots have a key each; those written before stay plain."""

    dependencies = [("benefits", "0009_ways_back")]
    operations = [
        migrations.AddField("snapshotfile", "key", models.BinaryField(default=b"")),
    ]
