from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_signed")]
    operations = [
        migrations.AddField("numberdoubt", "by_id", models.BigIntegerField(null=True)),
    ]
