from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('dispatch', '0005_asked_first'),
    ]

    operations = [
        migrations.RemoveField(model_name='dayplan', name='searched'),
    ]
